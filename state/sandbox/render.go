package sandbox

import (
	"reflect"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// render returns the object with its type.
func (svc *service) render(d directory.Object, selected []string) ordered.Object {
	if d.User != nil {
		return append(ordered.Object{{"@odata.type", "#" + userShape.typeName}}, userShape.project(d.User, selected)...)
	}
	s := svc.groupShape()
	return append(ordered.Object{{"@odata.type", "#" + s.typeName}}, s.project(d.Group, selected)...)
}

// hide reduces an object to its type and id, as a client sees members that it may not read
// (Graph: "List group members", limited information).
func hide(m ordered.Object) ordered.Object {
	for i := range m {
		_, isObject := m[i].Value.(ordered.Object)
		switch {
		case m[i].Name == "id" || m[i].Name == "@odata.type":
		case reflect.ValueOf(m[i].Value).Kind() == reflect.Slice && !isObject:
			m[i].Value = []string{} // a collection is never null
		default:
			m[i].Value = nil
		}
	}
	return m
}
