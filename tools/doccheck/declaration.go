package main

import "go/ast"

// declaration checks one declaration at the top of a file.
func (c *checker) declaration(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		c.function(decl)
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			c.spec(spec, decl.Doc != nil, decl.Lparen.IsValid())
		}
	}
}

// function checks a function, or a method of an exported type.
func (c *checker) function(decl *ast.FuncDecl) {
	if !decl.Name.IsExported() || decl.Doc != nil {
		return
	}
	name := decl.Name.Name
	if decl.Recv != nil && len(decl.Recv.List) == 1 {
		receiver := baseName(decl.Recv.List[0].Type)
		if !ast.IsExported(receiver) {
			return
		}
		name = receiver + "." + name
	}
	c.report(decl.Pos(), name)
}

// spec checks a type, or the names of a constant or variable. A comment on a group speaks for its constants and
// variables; a type needs its own.
func (c *checker) spec(spec ast.Spec, groupDoc, grouped bool) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if !spec.Name.IsExported() {
			return
		}
		if spec.Doc == nil && spec.Comment == nil && (grouped || !groupDoc) {
			c.report(spec.Pos(), spec.Name.Name)
		}
		c.members(spec)
	case *ast.ValueSpec:
		if groupDoc || spec.Doc != nil || spec.Comment != nil {
			return
		}
		for _, name := range spec.Names {
			if name.IsExported() {
				c.report(name.Pos(), name.Name)
			}
		}
	}
}

// members checks the fields of a struct and the methods of an interface. Embedded ones document themselves.
func (c *checker) members(spec *ast.TypeSpec) {
	var list *ast.FieldList
	switch t := spec.Type.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	}
	if list == nil || !c.fields {
		return
	}
	for _, field := range list.List {
		if field.Doc != nil || field.Comment != nil {
			continue
		}
		for _, name := range field.Names {
			if name.IsExported() {
				c.report(name.Pos(), spec.Name.Name+"."+name.Name)
			}
		}
	}
}

// baseName is the name of a receiver's type without its pointer and type parameters.
func baseName(expr ast.Expr) string {
	switch t := expr.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return baseName(t.X)
	case *ast.IndexExpr:
		return baseName(t.X)
	case *ast.IndexListExpr:
		return baseName(t.X)
	default:
		return ""
	}
}
