package view

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress tells how far a long job is: as a bar on a terminal, elsewhere as a line
// now and then. It says nothing about jobs that are done within two seconds. Safe
// for use by several goroutines.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer
	now   func() time.Time
	what  string
	total int // 0: unknown
	done  int
	said  int // what was said last

	started, spoken time.Time
	bars            *mpb.Progress
	bar             *mpb.Bar
}

const (
	progressAfter = 2 * time.Second
	progressEvery = 10 * time.Second
)

// NewProgress begins a job of total parts; 0 if the number is not known. With
// terminal set w takes a bar.
func NewProgress(w io.Writer, terminal bool, now func() time.Time, what string, total int) *Progress {
	p := &Progress{w: w, now: now, what: what, total: total, started: now()}
	p.spoken = p.started.Add(progressAfter - progressEvery)
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
	return fmt.Sprintf("%d/%d steps, %s", done, total, duration(int(elapsed.Seconds())))
}

// Reach says that so many parts are done.
func (p *Progress) Reach(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = done
	if p.bar != nil {
		p.bar.SetCurrent(int64(done))
		return
	}
	if now := p.now(); now.Sub(p.spoken) >= progressEvery {
		p.spoken = now
		p.say()
	}
}

// Step says that one more part is done.
func (p *Progress) Step() {
	p.mu.Lock()
	done := p.done + 1
	p.mu.Unlock()
	p.Reach(done)
}

func (p *Progress) say() {
	p.said = p.done
	line := fmt.Sprintf("%s: %d", p.what, p.done)
	if p.total > 0 {
		line += fmt.Sprintf(" of %d", p.total)
	}
	_, _ = fmt.Fprintln(p.w, line) // progress that cannot be shown stops nothing
}

// Close takes the bar away.
func (p *Progress) Close() {
	if p.bar == nil {
		if p.said > 0 && p.said != p.done {
			p.say()
		}
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
}
