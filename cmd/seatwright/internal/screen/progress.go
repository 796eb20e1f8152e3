package screen

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress shows how far a long job is: as a bar on a terminal, and elsewhere as a line every
// ten seconds. It shows nothing of jobs that take less than two seconds. It is safe for use by
// several goroutines.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer
	now   func() time.Time
	what  string
	total int // 0: unknown
	done  int
	shown int // what was shown last

	started, written time.Time
	bars             *mpb.Progress
	bar              *mpb.Bar
}

const (
	progressAfter = 2 * time.Second
	progressEvery = 10 * time.Second
)

// NewProgress returns the progress of a job of total steps; 0: the number is not known. If
// terminal is set, w is a terminal and shows a bar.
func NewProgress(w io.Writer, terminal bool, now func() time.Time, what string, total int) *Progress {
	p := &Progress{w: w, now: now, what: what, total: total, started: now()}
	p.written = p.started.Add(progressAfter - progressEvery)
	if terminal && total > 0 {
		p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(60))
		p.bar = p.bars.AddBar(int64(total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(what+" ")),
			mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string { return barCount(s.Current, total, now().Sub(p.started)) })))
	}
	return p
}

// barCount returns what is beside a bar: "180/298 steps, 12 s", with the time since the start.
func barCount(done int64, total int, elapsed time.Duration) string {
	return fmt.Sprintf("%d/%d steps, %s", done, total, Duration(int(elapsed.Seconds())))
}

// Reach sets how many steps are done.
func (p *Progress) Reach(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = done
	if p.bar != nil {
		p.bar.SetCurrent(int64(done))
		return
	}
	if now := p.now(); now.Sub(p.written) >= progressEvery {
		p.written = now
		p.writeLine()
	}
}

// Step counts one more step that is done.
func (p *Progress) Step() {
	p.mu.Lock()
	done := p.done + 1
	p.mu.Unlock()
	p.Reach(done)
}

func (p *Progress) writeLine() {
	p.shown = p.done
	line := fmt.Sprintf("%s: %d", p.what, p.done)
	if p.total > 0 {
		line += fmt.Sprintf(" of %d", p.total)
	}
	_, _ = fmt.Fprintln(p.w, line) // progress that cannot be shown stops nothing
}

// Close removes the bar, or writes the last line.
func (p *Progress) Close() {
	if p.bar == nil {
		if p.shown > 0 && p.shown != p.done {
			p.writeLine()
		}
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
}

// Duration returns a length of time in its common unit: 40 s, 12 min, 22 h.
func Duration(seconds int) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", seconds)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
}
