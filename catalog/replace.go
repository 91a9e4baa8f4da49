package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
)

// Named is a feature of the program's own making, its values by field name.
// Values have the Go types of Type; an int is an Integer too, the empty text of
// a field that is not required is NULL, and a JSON field takes whatever
// encoding/json can write (a nil slice is an empty array). Fields that are not
// named are NULL.
type Named struct {
	Geometry orb.Geometry // CRS84; nil for none
	Fields   map[string]any
}

// Replace makes features the next state of a built-in dataset, in the name of
// the program's part by. Equal states make no version. The transaction is the
// caller's to commit. Errors: NotFound "catalog.no_dataset"; everything else is
// a defect of the program, such as a field that the schema does not have.
func Replace(ctx context.Context, tx pgx.Tx, id, by string, features []Named) error {
	d, err := FindAny(ctx, tx, id)
	if err != nil {
		return err
	}
	staging, err := Stage(ctx, tx, d)
	if err != nil {
		return err
	}
	for _, f := range features {
		row, err := d.Schema.row(f)
		if err != nil {
			return errors.Join(fmt.Errorf("dataset %s: %w", id, err), staging.Wait())
		}
		if err := staging.Add(ctx, row); err != nil {
			return err
		}
	}
	_, err = staging.Commit(ctx, Change{Actor: ortsnah.System(by), Source: by})
	return err
}

// row lays a feature out by the schema.
func (s Schema) row(n Named) (Row, error) {
	row := Row{Geometry: n.Geometry, SRID: geo.CRS84, Values: make([]any, len(s.Fields))}
	row.Key, _ = n.Fields[s.Key].(string)
	known := 0
	for i, f := range s.Fields {
		value, ok := n.Fields[f.Name]
		if !ok {
			continue
		}
		known++
		var err error
		if row.Values[i], err = f.value(value); err != nil {
			return Row{}, fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	if known < len(n.Fields) {
		return Row{}, fmt.Errorf("feature %s has %d fields that the schema lacks", row.Key, len(n.Fields)-known)
	}
	return row, nil
}

func (f Field) value(v any) (any, error) {
	if n, ok := v.(int); ok {
		return int64(n), nil
	}
	if v == "" && !f.Required {
		return nil, nil
	}
	if f.Type != JSON || v == nil {
		return v, nil
	}
	text, err := json.Marshal(v)
	if string(text) == "null" {
		text = []byte("[]")
	}
	return json.RawMessage(text), err
}
