package ortsnah

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says to machines what sort of failure an Error is. The api room maps
// each kind to one HTTP status, cmd maps it to an exit code.
type Kind string

// The kinds. Add one only when a caller has to react differently.
const (
	Invalid      Kind = "invalid"      // the input breaks a rule; the caller can mend it
	NotFound     Kind = "not_found"    // there is no such thing
	Gone         Kind = "gone"         // there was such a thing; it has been withdrawn
	Conflict     Kind = "conflict"     // the state of the thing forbids it now
	Forbidden    Kind = "forbidden"    // this actor, or this deployment, may not
	Unacceptable Kind = "unacceptable" // no representation of the kind asked for
	Unsupported  Kind = "unsupported"  // a format or method the program does not know
	TooLarge     Kind = "too_large"    // above a limit of the program
	TooMany      Kind = "too_many"     // too often in too short a time; later it is possible again
	Unproven     Kind = "unproven"     // who asks has not shown who they are, or that they may
	WrongMedia   Kind = "wrong_media"  // what was sent is of a media type the program does not read
	Unavailable  Kind = "unavailable"  // something the program needs is away; try again
	Internal     Kind = "internal"     // a defect of the program
)

// Error is the one error type that leaves a room. Key names the sentence that
// people read (api/i18n has it in German and English), Args fill its
// placeholders, Field names the input it is about, Err is the cause for the
// log; it is never shown to the public.
type Error struct {
	Kind  Kind
	Key   string
	Field string
	Args  map[string]any
	Err   error
}

// E makes an Error. args are alternating placeholder names and values for the
// sentence named by key.
func E(kind Kind, key string, args ...any) *Error {
	e := &Error{Kind: kind, Key: key}
	if len(args) > 0 {
		e.Args = make(map[string]any, len(args)/2)
	}
	for i := 0; i+1 < len(args); i += 2 {
		e.Args[fmt.Sprint(args[i])] = args[i+1]
	}
	return e
}

// About returns e with the name of the input field it is about.
func (e *Error) About(field string) *Error {
	e.Field = field
	return e
}

// Because returns e with its cause, for the log.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

// Error is the technical text for logs: kind, key, placeholders and cause.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Kind, e.Key)
	if e.Field != "" {
		fmt.Fprintf(&b, " [%s]", e.Field)
	}
	if len(e.Args) > 0 {
		fmt.Fprintf(&b, " %v", e.Args)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the first Error in err's chain, Internal when there
// is none: what the program did not foresee is a defect.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
