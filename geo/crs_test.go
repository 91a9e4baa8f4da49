package geo

import "testing"

func TestParseCRS(t *testing.T) {
	for _, c := range []struct {
		in   string
		want SRID
	}{
		{"25832", 25832},
		{"EPSG:25832", 25832},
		{"epsg:4326", CRS84},
		{"urn:ogc:def:crs:EPSG::4647", 4647},
		{"urn:ogc:def:crs:EPSG:6.9:31467", 31467},
		{"urn:ogc:def:crs:OGC:1.3:CRS84", CRS84},
		{"http://www.opengis.net/def/crs/OGC/1.3/CRS84", CRS84},
		{"http://www.opengis.net/def/crs/EPSG/0/3035", 3035},
		{"http://www.opengis.net/gml/srs/epsg.xml#25833", 25833},
		{"urn:ogc:def:crs:EPSG::102329", 4647},
		{"ESRI:102100", 3857},
	} {
		got, err := ParseCRS(c.in)
		if err != nil || got != c.want {
			t.Errorf("ParseCRS(%q) = %v, %v; want %v", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"", "Gauss-Krüger", "EPSG:", "EPSG:abc", "-5", "0", "EPSG:0"} {
		if got, err := ParseCRS(in); err == nil {
			t.Errorf("ParseCRS(%q) = %v, want an error", in, got)
		}
	}
}
