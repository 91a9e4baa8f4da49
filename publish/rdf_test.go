package publish

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ortsnah/ortsnah"
)

// peer runs one of the independent readers in testdata/peers and returns what
// it prints.
func peer(t testing.TB, script string, args ...string) string {
	t.Helper()
	if _, err := os.Stat("testdata/peers/node_modules"); err != nil {
		t.Fatal("independent readers are missing: npm --prefix publish/testdata/peers ci")
	}
	args = append([]string{}, args...)
	for i, a := range args {
		if _, err := os.Stat(a); err == nil {
			args[i], _ = filepath.Abs(a)
		}
	}
	return run(t, "node", append([]string{filepath.Join("testdata/peers", script)}, args...)...)
}

// run runs a program and returns its standard output.
func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", program, strings.Join(args, " "), err, errs.String(), out.String())
	}
	return out.String()
}

func encode(t testing.TB, format string, triples []Triple) string {
	t.Helper()
	var b bytes.Buffer
	if err := Encode(&b, format, triples); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tempFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// nasty are literals and IRIs that a careless encoder breaks on.
func nasty() []Triple {
	s := "https://example.org/datasets/a"
	g := &graph{base: "https://example.org"}
	for _, text := range []string{
		"", "plain", "Straße „Grün“ 漢字 😀", `quotes " ' back\slash`, "lines\nand\r\nreturns\ttabs",
		"<b>&amp;</b> ]]> -->", "control \x00\x01\x1f and \x7f", "bad utf-8 \xff\xfe", "\ufffe\uffff", "\u2028\u2029\u0085", `ends with \`,
		`"""`, "'''", " leading and trailing ", "@prefix", "{}",
	} {
		g.add(s, "dct:title", Text(text, ""))
		g.add(s, "dct:description", Text(text, "de"))
		g.add(s, "dcat:keyword", Typed(text, "xsd:string2"))
	}
	g.add(s, "dct:title", Text("sub tag", "de-de"))
	for _, iri := range []string{
		"https://example.org/a b", "https://example.org/<script>", `https://example.org/"q"`, "https://example.org/{x}|y\\z^`",
		"https://example.org/straße?ä=ö&b=c#d", "mailto:stadt@example.org", "tel:+495241821", "https://example.org/a%20b", "http://www.w3.org/ns/dcat#1a",
		"https://example.org/line\nfeed",
	} {
		g.ref(s, "dct:relation", iri)
		g.ref(iri, "dct:isPartOf", s)
	}
	g.is(s, "dcat:Dataset", "https://example.org/no/prefix/1")
	g.is("https://example.org/untyped-prefix", "https://example.org/no/prefix/2")
	return append(g.triples, g.triples...) // each twice
}

func TestSerialisationsAgree(t *testing.T) {
	for name, triples := range map[string][]Triple{
		"nasty": nasty(), "catalogue": Catalog(model()), "page": Catalog(pages(250, 2)), "empty": nil,
	} {
		t.Run(name, func(t *testing.T) {
			want := lines(encode(t, "nt", triples))
			if n := len(sorted(triples)); len(want) != n {
				t.Fatalf("%d lines for %d triples", len(want), n)
			}
			slices.Sort(want)
			for _, s := range Serialisations() {
				file := tempFile(t, "data."+s.Extension, encode(t, s.Name, triples))
				got := lines(peer(t, "rdf.mjs", s.Name, file))
				slices.Sort(got)
				if d := cmp.Diff(normal(want), normal(got)); d != "" {
					t.Errorf("%s read by its npm parser (-want +got):\n%s", s.Name, d)
				}
				if s.Name == "jsonld" {
					continue // rapper does not read it
				}
				raw := lines(unescape(run(t, "rapper", "-q", "-i", s.Name, "-o", "ntriples", file)))
				slices.Sort(raw)
				if d := cmp.Diff(normal(want), normal(raw)); d != "" {
					t.Errorf("%s read by rapper (-want +got):\n%s", s.Name, d)
				}
			}
			t.Logf("%d triples, the same from %d serialisations", len(want), len(Serialisations()))
		})
	}
}

func lines(s string) []string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// normal makes the writings of equal N-Triples equal: escapes that one tool
// writes and another does not.
func normal(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		s = strings.TrimSuffix(strings.TrimSpace(s), ".")
		s = strings.NewReplacer("\t", `\t`, "\x7f", `\u007f`, "\\u007F", `\u007f`).Replace(strings.TrimSpace(s))
		out[i] = strings.ReplaceAll(s, "^^<http://www.w3.org/2001/XMLSchema#string>", "")
	}
	slices.Sort(out)
	return out
}

// unescape resolves the \uXXXX and \UXXXXXXXX of rapper.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '\\' && i+1 < len(s) {
			n := map[byte]int{'u': 4, 'U': 8}[s[i+1]]
			if n > 0 && i+2+n <= len(s) {
				var r rune
				for _, c := range s[i+2 : i+2+n] {
					r = r<<4 | rune(strings.IndexRune("0123456789ABCDEF", c))
				}
				b.WriteRune(r)
				i += 2 + n
				continue
			}
			b.WriteString(s[i : i+2])
			i += 2
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

func TestEncodeIsDeterministic(t *testing.T) {
	triples := nasty()
	backwards := slices.Clone(triples)
	slices.Reverse(backwards)
	for _, s := range Serialisations() {
		if encode(t, s.Name, triples) != encode(t, s.MediaType, backwards) {
			t.Errorf("%s depends on the order of the triples", s.Name)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	if err := Encode(&bytes.Buffer{}, "n3", nil); ortsnah.KindOf(err) != ortsnah.Unacceptable {
		t.Errorf("unknown serialisation: %v", err)
	}
	triples := []Triple{{"https://example.org/a", "https://example.org/no-prefix/1", Text("x", "")}}
	if err := Encode(&bytes.Buffer{}, "rdf", triples); ortsnah.KindOf(err) != ortsnah.Internal {
		t.Errorf("predicate that RDF/XML cannot name: %v", err)
	}
}
