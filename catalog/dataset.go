package catalog

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Text is a sentence in the languages of the portal; DE is never empty.
type Text struct {
	DE string `json:"de"`
	EN string `json:"en,omitempty"`
}

// In gives the text in lang ("de", "en"), German where there is no other.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.DE
}

// Dataset is one dataset with its data dictionary, metadata and current state.
type Dataset struct {
	ID       string
	Schema   Schema
	Metadata Metadata
	Public   bool      // has a view in schema open and is in the catalogue
	Version  int       // number of the current version, 0 before the first
	Rows     int       // features of the current version
	Created  time.Time // when the dataset was registered
	Modified time.Time // when the current version was made
}

// Metadata is what DCAT-AP.de 3.0 asks of a dataset beyond its schema.
type Metadata struct {
	Title       Text     `json:"title"`
	Description Text     `json:"description"`
	Publisher   Body     `json:"publisher,omitzero"`   // empty: the municipality
	Contact     Contact  `json:"contact,omitzero"`     // empty: the municipality's
	Licence     string   `json:"licence"`              // a key of Licences
	Attribution string   `json:"attribution,omitzero"` // text the licence asks for
	Themes      []string `json:"themes"`               // EU data-theme codes, e.g. "TRAN"
	Keywords    []Text   `json:"keywords"`
	Periodicity string   `json:"periodicity"`              // EU frequency code, e.g. "DAILY"
	Provenance  Text     `json:"provenance,omitzero"`      // where the data comes from
	Source      string   `json:"source,omitzero"`          // URL of the original, when public
	HVD         []string `json:"hvd_categories,omitempty"` // codes of implementing regulation 2023/138
	Demo        bool     `json:"demo,omitzero"`            // invented data
}

// Body is a publishing organisation.
type Body struct {
	Name string `json:"name"`
	URL  string `json:"url,omitzero"`
}

// Contact is where questions about a dataset go: an office, never a person.
type Contact struct {
	Name  string `json:"name"`
	Email string `json:"email,omitzero"`
	Phone string `json:"phone,omitzero"`
	URL   string `json:"url,omitzero"`
}

var datasetID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// CheckID refuses an id that cannot be part of a URL and a table name alike:
// lower-case words of letters and digits, joined by hyphens, at most 50 bytes.
func CheckID(id string) error {
	if len(id) > 50 || !datasetID.MatchString(id) {
		return ortsnah.E(ortsnah.Invalid, "catalog.bad_dataset_id", "id", id).About("dataset")
	}
	return nil
}

// featureTable is where the dataset's features are stored.
func featureTable(id string) pgx.Identifier {
	return pgx.Identifier{"catalog", "feature_" + strings.ReplaceAll(id, "-", "_")}
}

// View is the public view of a dataset's features in schema open. Columns:
// _row, _key, _since, _until, _geojson, _geom and one per public field.
func View(id string) pgx.Identifier {
	return pgx.Identifier{"open", strings.ReplaceAll(id, "-", "_")}
}

const selectDataset = `SELECT id, schema, metadata, public, version, rows, created, modified
	FROM open.dataset `

// Datasets returns the public datasets ordered by id.
func Datasets(ctx context.Context, db postgis.DB) ([]Dataset, error) {
	rows, err := db.Query(ctx, selectDataset+`ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Dataset])
}

// Find returns one public dataset, or NotFound "catalog.no_dataset".
func Find(ctx context.Context, db postgis.DB, id string) (Dataset, error) {
	return one(ctx, db, selectDataset+`WHERE id = @id`, id)
}

// FindAny is Find for those who may see datasets that are not public. It
// reads the table itself and therefore does not work for the read role.
func FindAny(ctx context.Context, db postgis.DB, id string) (Dataset, error) {
	return one(ctx, db, strings.Replace(selectDataset, "open.", "catalog.", 1)+`WHERE id = @id`, id)
}

func one(ctx context.Context, db postgis.DB, sql, id string) (Dataset, error) {
	rows, err := db.Query(ctx, sql, pgx.NamedArgs{"id": id})
	if err != nil {
		return Dataset{}, err
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Dataset])
	if errors.Is(err, pgx.ErrNoRows) {
		return Dataset{}, ortsnah.E(ortsnah.NotFound, "catalog.no_dataset", "id", id).About("dataset")
	}
	return d, err
}
