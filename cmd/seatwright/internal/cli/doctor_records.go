package cli

import (
	"context"

	"github.com/seatwright/seatwright/plan/apply/journal/blob"
)

// examineRecords looks whether runs can be kept where the settings say. It keeps nothing.
func (e *examination) examineRecords(ctx context.Context) {
	const topic = "records"
	r := e.call.tenant.Records
	if !r.Set() {
		e.well(topic, "runs are kept on this machine, in %s", e.call.globals.statePlace())
		return
	}
	reading, err := container(e.call.program, e.call.globals, e.call.tenant, blob.Reading)
	if err == nil {
		err = reading.MayRead(ctx)
	}
	if err != nil {
		e.failed(topic, err)
	} else {
		e.well(topic, "%s can be read", reading)
	}
	writing, err := container(e.call.program, e.call.globals, e.call.tenant, blob.Asking)
	if err == nil {
		err = writing.MayWrite(ctx)
	}
	if err != nil {
		e.failed(topic, err)
		return
	}
	e.well(topic, "%s can be written to by apply", writing)
}
