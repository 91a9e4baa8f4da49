package stations

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	_ "image/png" // pictures may be PNG

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Bounds of pictures: what may be uploaded, and what is kept.
const (
	LongestPhoto  = 12 << 20
	mostPixels    = 50_000_000
	leastSide     = 64
	longestSide   = 1600
	jpegQuality   = 82
	longestStored = 2_000_000
)

// Photo is a picture of a stop as it is stored and served: a JPEG file that
// this program has encoded, without any of the sender's metadata.
type Photo struct {
	JPEG          []byte
	Width, Height int
}

// ReadPhoto decodes an uploaded JPEG or PNG, turns it upright as its camera
// said (Exif 2.32, tag Orientation), makes it at most 1600 pixels long and
// encodes it anew: position, time and camera are gone. Errors: Invalid
// stations.photo_unreadable, photo_webp, photo_too_small; TooLarge
// stations.photo_too_large.
func ReadPhoto(file []byte) (Photo, error) {
	if len(file) > LongestPhoto {
		return Photo{}, ortsnah.E(ortsnah.TooLarge, "stations.photo_too_large").About("photo")
	}
	if len(file) > 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP" {
		return Photo{}, ortsnah.E(ortsnah.Invalid, "stations.photo_webp").About("photo")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil || format != "jpeg" && format != "png":
		return Photo{}, ortsnah.E(ortsnah.Invalid, "stations.photo_unreadable").About("photo").Because(err)
	case config.Width*config.Height > mostPixels:
		return Photo{}, ortsnah.E(ortsnah.TooLarge, "stations.photo_too_large").About("photo")
	case min(config.Width, config.Height) < leastSide:
		return Photo{}, ortsnah.E(ortsnah.Invalid, "stations.photo_too_small").About("photo")
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return Photo{}, ortsnah.E(ortsnah.Invalid, "stations.photo_unreadable").About("photo").Because(err)
	}
	small := upright(shrink(picture, longestSide), orientation(file))
	for quality := jpegQuality; quality > 10; quality -= 20 {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: quality}); err != nil {
			return Photo{}, err
		}
		if out.Len() <= longestStored {
			return Photo{out.Bytes(), small.Rect.Dx(), small.Rect.Dy()}, nil
		}
	}
	return Photo{}, ortsnah.E(ortsnah.TooLarge, "stations.photo_too_large").About("photo")
}

// shrink averages blocks of pixels until the longer side is at most longest;
// transparent parts become white. It works strip by strip: the whole picture
// is never there in four bytes per pixel.
func shrink(picture image.Image, longest int) *image.RGBA {
	b := picture.Bounds()
	long := max(b.Dx(), b.Dy(), longest)
	w, h := max(1, b.Dx()*longest/long), max(1, b.Dy()*longest/long)
	if long == longest {
		w, h = b.Dx(), b.Dy()
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		top, bottom := y*b.Dy()/h, (y+1)*b.Dy()/h
		strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), bottom-top))
		draw.Draw(strip, strip.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(strip, strip.Rect, picture, b.Min.Add(image.Pt(0, top)), draw.Over)
		for x := range w {
			average(strip, small, x, y, x*b.Dx()/w, (x+1)*b.Dx()/w)
		}
	}
	return small
}

// average writes the mean colour of the columns [left, right) of a strip into
// one pixel of small.
func average(strip, small *image.RGBA, x, y, left, right int) {
	var sum [3]int
	for row := range strip.Rect.Dy() {
		for at := strip.PixOffset(left, row); at < strip.PixOffset(right, row); at += 4 {
			sum[0], sum[1], sum[2] = sum[0]+int(strip.Pix[at]), sum[1]+int(strip.Pix[at+1]), sum[2]+int(strip.Pix[at+2])
		}
	}
	n, to := (right-left)*strip.Rect.Dy(), small.PixOffset(x, y)
	for c := range sum {
		small.Pix[to+c] = uint8((sum[c] + n/2) / n)
	}
	small.Pix[to+3] = 255
}

// upright turns and mirrors a picture as Exif orientation 1 to 8 says.
func upright(p *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return p
	}
	w, h := p.Rect.Dx(), p.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	turned := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			// Where the pixel (x, y) of the upright picture is in the stored one.
			from := [...]image.Point{2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {y, h - 1 - x}, 7: {w - 1 - y, h - 1 - x}, 8: {w - 1 - y, x}}[orientation]
			turned.SetRGBA(x, y, p.RGBAAt(from.X, from.Y))
		}
	}
	return turned
}

// orientation reads the tag Orientation (0x0112) of a JPEG file's Exif block;
// 1 where there is none or it cannot be read.
func orientation(file []byte) int {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		size := int(binary.BigEndian.Uint16(file[at+2:]))
		end := at + 2 + size
		if size < 2 || end > len(file) || file[at+1] == 0xda { // start of the picture itself
			return 1
		}
		if body := file[at+4 : end]; file[at+1] == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		at = end
	}
	return 1
}

// tiffOrientation looks into the first directory of a TIFF header.
func tiffOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	dir := int64(order.Uint32(tiff[4:]))
	if dir+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[dir+2:]
	for range order.Uint16(tiff[dir:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	return 1
}

// SavePhoto stores the picture of a stop with what it shows. Errors: Invalid
// stations.photo_text_missing, text_too_long; NotFound stations.no_stop.
func SavePhoto(ctx context.Context, tx pgx.Tx, stop string, p Photo, alt catalog.Text) error {
	if alt.DE == "" {
		return ortsnah.E(ortsnah.Invalid, "stations.photo_text_missing").About("alt")
	}
	if err := checkLength("alt", alt.DE, alt.EN); err != nil {
		return err
	}
	if _, _, err := FindStop(ctx, tx, stop); err != nil {
		return err
	}
	sum := sha256.Sum256(p.JPEG)
	_, err := tx.Exec(ctx, `INSERT INTO stations.stop_photo (stop, hash, jpeg, width, height, alt_de, alt_en)
		VALUES (@stop, @hash, @jpeg, @width, @height, @de, @en)
		ON CONFLICT (stop) DO UPDATE SET hash = excluded.hash, jpeg = excluded.jpeg, width = excluded.width, height = excluded.height,
			alt_de = excluded.alt_de, alt_en = excluded.alt_en`,
		pgx.NamedArgs{"stop": stop, "hash": hex.EncodeToString(sum[:8]), "jpeg": p.JPEG, "width": p.Width, "height": p.Height, "de": alt.DE, "en": alt.EN})
	return err
}

// RemovePhoto takes the picture of a stop away. Error: NotFound stations.no_photo.
func RemovePhoto(ctx context.Context, tx pgx.Tx, stop string) error {
	done, err := tx.Exec(ctx, `DELETE FROM stations.stop_photo WHERE stop = $1`, stop)
	if err == nil && done.RowsAffected() == 0 {
		return ortsnah.E(ortsnah.NotFound, "stations.no_photo")
	}
	return err
}

// StopPhoto returns the file of a stop's picture. It works for the read role.
// Error: NotFound stations.no_photo, also for an older picture's hash.
func StopPhoto(ctx context.Context, db postgis.DB, stop, hash string) ([]byte, error) {
	var file []byte
	err := db.QueryRow(ctx, `SELECT jpeg FROM open.stations_stop_photo WHERE stop = $1 AND hash = $2`, stop, hash).Scan(&file)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ortsnah.E(ortsnah.NotFound, "stations.no_photo")
	}
	return file, err
}
