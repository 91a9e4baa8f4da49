package i18n

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// moduleRoot is the folder with go.mod above this package.
const moduleRoot = "../.."

func TestTexts(t *testing.T) {
	all, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for key, s := range all {
		if s.DE == "" || s.EN == "" {
			t.Errorf("%s: a language is missing: %+v", key, s)
		}
		de, en := placeholders(s.DE), placeholders(s.EN)
		if !slices.Equal(de, en) && !strings.HasSuffix(key, ".one") {
			t.Errorf("%s: placeholders differ: %v and %v", key, de, en)
		}
		if strings.HasSuffix(key, ".one") {
			if _, ok := all[strings.TrimSuffix(key, ".one")]; !ok {
				t.Errorf("%s: the plural is missing", key)
			}
		}
		if stray := regexp.MustCompile(`\{[^a-z}]|%[sdv]`).FindString(s.DE + s.EN); stray != "" {
			t.Errorf("%s: %q is not a placeholder of this package", key, stray)
		}
	}
}

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestTextsOfErrors holds every key given to ortsnah.E against the texts, its
// placeholders too.
func TestTextsOfErrors(t *testing.T) {
	all, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	later := laterArgs(t)
	calls := 0
	walkSource(t, func(fset *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isErrorCall(file, call) || len(call.Args) < 2 {
				return true
			}
			at := fset.Position(call.Pos())
			calls++
			key, ok := literal(call.Args[1])
			if !ok {
				checkComputed(t, at, call, file)
				return true
			}
			checkError(t, at, key, call, all, later[file.Name.Name])
			return true
		})
	})
	if calls == 0 {
		t.Log("no errors in the source yet")
	}
}

// checkError reports a key without text and placeholders that do not fit.
func checkError(t *testing.T, at token.Position, key string, call *ast.CallExpr, all map[string]Sentence, later []string) {
	t.Helper()
	s, ok := all[key]
	if !ok {
		t.Errorf("%s: no text for %q in texts/*.json", at, key)
		return
	}
	given := map[string]bool{}
	for i := 2; i < len(call.Args); i += 2 {
		if name, ok := literal(call.Args[i]); ok {
			given["{"+name+"}"] = true
		}
	}
	if call.Ellipsis.IsValid() {
		return // names come from a slice
	}
	for _, p := range placeholders(s.DE + s.EN) {
		if !given[p] && !slices.Contains(later, p) {
			t.Errorf("%s: the text of %q needs %s, which is not given", at, key, p)
		}
	}
}

// laterArgs are the placeholders that each package adds to errors it has
// already made: err.Args["source"] = ….
func laterArgs(t *testing.T) map[string][]string {
	t.Helper()
	later := make(map[string][]string)
	walkSource(t, func(_ *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			assign, ok := n.(*ast.AssignStmt)
			if !ok || len(assign.Lhs) != 1 {
				return true
			}
			index, ok := assign.Lhs[0].(*ast.IndexExpr)
			if !ok {
				return true
			}
			if field, ok := index.X.(*ast.SelectorExpr); ok && field.Sel.Name == "Args" {
				if name, ok := literal(index.Index); ok {
					later[file.Name.Name] = append(later[file.Name.Name], "{"+name+"}")
				}
			}
			return true
		})
	})
	return later
}

// checkComputed is for a key that is not written in the call: every string that
// looks like a key of its room must have a text, in the function around the
// call and in the calls of that function in the same file.
func checkComputed(t *testing.T, at token.Position, call *ast.CallExpr, file *ast.File) {
	t.Helper()
	key := regexp.MustCompile(`^` + file.Name.Name + `\.[a-z0-9_]+$`)
	check := func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if s, ok := literal(e); ok && key.MatchString(s) && !Has(s) {
				t.Errorf("%s: no text for %q, which may be the key of this error", at, s)
			}
		}
		return true
	}
	for _, d := range file.Decls {
		around, ok := d.(*ast.FuncDecl)
		if !ok || call.Pos() < around.Pos() || call.End() > around.End() {
			continue
		}
		ast.Inspect(around, check)
		ast.Inspect(file, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && calls(c, around.Name.Name) {
				for _, arg := range c.Args {
					check(arg)
				}
			}
			return true
		})
	}
}

// calls says whether call is name(…) or x.name(…).
func calls(call *ast.CallExpr, name string) bool {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name == name
	case *ast.SelectorExpr:
		return fun.Sel.Name == name
	}
	return false
}

// isErrorCall says whether call is ortsnah.E(…), or E(…) in the root package.
func isErrorCall(file *ast.File, call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.SelectorExpr:
		pkg, ok := fun.X.(*ast.Ident)
		return ok && pkg.Name == "ortsnah" && fun.Sel.Name == "E"
	case *ast.Ident:
		return file.Name.Name == "ortsnah" && fun.Name == "E"
	}
	return false
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// walkSource parses every Go file of the module that is not a test.
func walkSource(t *testing.T, visit func(*token.FileSet, *ast.File)) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir(moduleRoot, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "node_modules" || name == "testdata" || (strings.HasPrefix(name, ".") && path != moduleRoot) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(fset, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTextsOfSource holds every key given to i18n.Text against the texts; of a
// key put together from parts, the first part.
func TestTextsOfSource(t *testing.T) {
	all, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	walkSource(t, func(fset *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || fun.Sel.Name != "Text" {
				return true
			}
			if pkg, ok := fun.X.(*ast.Ident); !ok || pkg.Name != "i18n" {
				return true
			}
			if key, ok := literal(call.Args[1]); ok && !Has(key) {
				t.Errorf("%s: no text for %q", fset.Position(call.Pos()), key)
			}
			if sum, ok := call.Args[1].(*ast.BinaryExpr); ok {
				if first, ok := literal(sum.X); ok && !begins(all, first) {
					t.Errorf("%s: no text begins with %q", fset.Position(call.Pos()), first)
				}
			}
			return true
		})
	})
}

// begins says whether some key begins with first.
func begins(all map[string]Sentence, first string) bool {
	for key := range all {
		if strings.HasPrefix(key, first) {
			return true
		}
	}
	return false
}

// TestTextsOfTemplates holds every key written in a template against the texts.
func TestTextsOfTemplates(t *testing.T) {
	written := regexp.MustCompile(`\(?\bt "([^"]+)"`)
	composed := regexp.MustCompile(`\bt \(print "([^"]+)"`)
	names, err := filepath.Glob("../web/templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal("no templates", err)
	}
	all, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range written.FindAllStringSubmatch(string(raw), -1) {
			if !Has(m[1]) {
				t.Errorf("%s: no text for %q", filepath.Base(name), m[1])
			}
		}
		for _, m := range composed.FindAllStringSubmatch(string(raw), -1) {
			if !begins(all, m[1]) {
				t.Errorf("%s: no text begins with %q", filepath.Base(name), m[1])
			}
		}
	}
}

func TestLoadRefusesDefects(t *testing.T) {
	for name, content := range map[string]string{
		"not JSON":  `{"a": `,
		"an array":  `[]`,
		"twice":     `{"a": {"de": "x", "en": "y"}, "a": {"de": "x", "en": "y"}}`,
		"no object": `{"a": "x"}`,
	} {
		if _, err := load(fstest.MapFS{"texts/x.json": {Data: []byte(content)}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	two := fstest.MapFS{"texts/a.json": {Data: []byte(`{"k": {"de": "x", "en": "y"}}`)}, "texts/b.json": {Data: []byte(`{"k": {"de": "x", "en": "y"}}`)}}
	if _, err := load(two); err == nil {
		t.Error("the same key in two files: no error")
	}
}
