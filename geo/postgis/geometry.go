package postgis

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"github.com/ortsnah/ortsnah/geo"
)

// Geometry is an orb geometry with its reference system, the Go form of a
// PostGIS geometry value. A nil Geometry is NULL. Two dimensions only.
type Geometry struct {
	orb.Geometry
	SRID geo.SRID
}

// RegisterGeometry teaches conn the type "geometry". Databases without
// PostGIS are left alone: the first migration creates the extension.
func RegisterGeometry(ctx context.Context, conn *pgx.Conn) error {
	var oid uint32
	err := conn.QueryRow(ctx, `SELECT coalesce(to_regtype('geometry')::oid, 0)`).Scan(&oid)
	if err != nil || oid == 0 {
		return err
	}
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "geometry", OID: oid, Codec: codec{}})
	conn.TypeMap().RegisterDefaultPgType(Geometry{}, "geometry")
	return nil
}

// codec moves Extended Well-Known Binary (PostGIS manual, section 4.1.2.1)
// between orb and the wire.
type codec struct{}

func (codec) FormatSupported(format int16) bool {
	return format == pgtype.BinaryFormatCode || format == pgtype.TextFormatCode
}
func (codec) PreferredFormat() int16 { return pgtype.BinaryFormatCode }

func (codec) PlanEncode(_ *pgtype.Map, _ uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(Geometry); !ok {
		return nil
	}
	return encodePlan{text: format == pgtype.TextFormatCode}
}

type encodePlan struct{ text bool }

func (p encodePlan) Encode(value any, buf []byte) ([]byte, error) {
	g := value.(Geometry)
	if g.Geometry == nil {
		return nil, nil
	}
	b, err := ewkb.Marshal(g.Geometry, int(g.SRID))
	if err != nil {
		return nil, fmt.Errorf("encode geometry: %w", err)
	}
	if p.text {
		return hex.AppendEncode(buf, b), nil
	}
	return append(buf, b...), nil
}

func (codec) PlanScan(_ *pgtype.Map, _ uint32, format int16, target any) pgtype.ScanPlan {
	switch target.(type) {
	case *Geometry, *orb.Geometry:
		return scanPlan{text: format == pgtype.TextFormatCode}
	}
	return nil
}

type scanPlan struct{ text bool }

func (p scanPlan) Scan(src []byte, target any) error {
	g, err := decode(src, p.text)
	if err != nil {
		return err
	}
	switch t := target.(type) {
	case *Geometry:
		*t = g
	case *orb.Geometry:
		*t = g.Geometry
	}
	return nil
}

func decode(src []byte, text bool) (Geometry, error) {
	if src == nil {
		return Geometry{}, nil
	}
	if text {
		raw := make([]byte, hex.DecodedLen(len(src)))
		if _, err := hex.Decode(raw, src); err != nil {
			return Geometry{}, fmt.Errorf("decode geometry: %w", err)
		}
		src = raw
	}
	g, srid, err := ewkb.Unmarshal(src)
	if err != nil {
		return Geometry{}, fmt.Errorf("decode geometry: %w", err)
	}
	return Geometry{g, geo.SRID(srid)}, nil
}

func (c codec) DecodeDatabaseSQLValue(_ *pgtype.Map, _ uint32, format int16, src []byte) (driver.Value, error) {
	if src == nil {
		return nil, nil
	}
	if format == pgtype.TextFormatCode {
		return string(src), nil
	}
	return hex.EncodeToString(src), nil
}

func (codec) DecodeValue(_ *pgtype.Map, _ uint32, format int16, src []byte) (any, error) {
	if src == nil {
		return nil, nil
	}
	return decode(src, format == pgtype.TextFormatCode)
}
