package cli

import (
	"context"

	"github.com/seatwright/seatwright/plan/apply/journal/blob"
)

// examineRecords checks whether runs can be kept where the settings name. It writes nothing.
func (e *examination) examineRecords(ctx context.Context) {
	const topic = "records"
	r := e.call.tenant.Records
	if !r.Set() {
		e.addOK(topic, "runs are kept on this machine, in %s", e.call.globals.statePlace())
		return
	}
	reading, err := container(e.call.program, e.call.globals, e.call.tenant, blob.Reading)
	if err == nil {
		err = reading.MayRead(ctx)
	}
	if err != nil {
		e.addError(topic, err)
	} else {
		e.addOK(topic, "%s can be read", reading)
	}
	writing, err := container(e.call.program, e.call.globals, e.call.tenant, blob.Asking)
	if err == nil {
		err = writing.MayWrite(ctx)
	}
	if err != nil {
		e.addError(topic, err)
		return
	}
	e.addOK(topic, "%s can be written to by apply", writing)
}
