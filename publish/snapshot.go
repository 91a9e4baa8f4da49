package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Snapshot writes the files that the current versions of public datasets lack
// and records them; it returns what it recorded. db writes, open reads with
// the read role. datasets and formats choose, nil means all. A dataset without
// a version has no files.
//
// A file never changes once it is recorded. Doing it twice does nothing; two
// programs at once take turns per file. A crash or a full disk leaves older
// files in place and at most a temporary file, which the next run removes. A
// recorded file that is missing from the folder, as after restoring a backup
// of the database alone, is written again and must come out the same, else
// Conflict "publish.file_differs".
func Snapshot(ctx context.Context, db postgis.DB, open *pgxpool.Pool, files Folder, datasets, formats []string) ([]catalog.Distribution, error) {
	chosen, err := choose(formats)
	if err != nil {
		return nil, err
	}
	ids, err := chooseDatasets(ctx, open, datasets)
	if err != nil {
		return nil, err
	}
	var made []catalog.Distribution
	for _, id := range ids {
		for _, f := range chosen {
			file, done, err := snapshot(ctx, db, open, files, id, f)
			if err != nil {
				return made, err
			}
			if done {
				made = append(made, file)
			}
		}
	}
	return made, nil
}

func choose(names []string) ([]Format, error) {
	if len(names) == 0 {
		return Formats(), nil
	}
	var chosen []Format
	for _, name := range names {
		f, err := FormatNamed(name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, f)
	}
	return chosen, nil
}

// chooseDatasets checks all names before the first file is written.
func chooseDatasets(ctx context.Context, open postgis.DB, names []string) ([]string, error) {
	all, err := catalog.Datasets(ctx, open)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		for _, d := range all {
			names = append(names, d.ID)
		}
		return names, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(d catalog.Dataset) bool { return d.ID == name }) {
			return nil, ortsnah.E(ortsnah.NotFound, "catalog.no_dataset", "id", name).About("dataset")
		}
	}
	return names, nil
}

// snapshot writes one file; made is false when there is nothing to do. The
// lock is held by a transaction that has no other work until the file is safe.
func snapshot(ctx context.Context, db postgis.DB, open *pgxpool.Pool, files Folder, id string, f Format) (file catalog.Distribution, made bool, err error) {
	err = pgx.BeginFunc(ctx, db, func(lock pgx.Tx) error {
		key := postgis.LockKey("publish/" + id + "/" + f.Name)
		if _, err := lock.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, key); err != nil {
			return err
		}
		read := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
		return pgx.BeginTxFunc(ctx, open, read, func(tx pgx.Tx) error {
			d, err := catalog.Find(ctx, tx, id)
			if err != nil || d.Version == 0 {
				return err
			}
			file, made, err = write(ctx, lock, tx, files, d, f)
			return err
		})
	})
	return file, made && err == nil, err
}

// write writes and records the file of d's version unless that is done.
func write(ctx context.Context, lock, read pgx.Tx, files Folder, d catalog.Dataset, f Format) (file catalog.Distribution, made bool, err error) {
	file = catalog.Distribution{
		Dataset: d.ID, Version: d.Version, Format: f.Name, MediaType: f.MediaType,
		File: fmt.Sprintf("%s-v%d.%s", d.ID, d.Version, f.Extension),
	}
	old, err := recorded(ctx, lock, file)
	if err != nil || (old.SHA256 != "" && files.Has(old)) {
		return file, false, err
	}
	err = files.put(&file, old.SHA256, func(w io.Writer) error {
		return f.Write(ctx, w, read, d, catalog.Query{Version: d.Version}, Options{})
	})
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = ortsnah.E(ortsnah.Unavailable, "publish.disk_full", "file", file.File).Because(err)
	}
	if err != nil || old.SHA256 != "" {
		return file, false, err
	}
	return file, true, catalog.RecordDistribution(ctx, lock, file)
}

// recorded is the record of the file; without a checksum when there is none.
func recorded(ctx context.Context, db postgis.DB, file catalog.Distribution) (catalog.Distribution, error) {
	all, err := catalog.Distributions(ctx, db, file.Dataset)
	for _, d := range all {
		if d.Version == file.Version && d.Format == file.Format {
			return d, err
		}
	}
	return catalog.Distribution{}, err
}
