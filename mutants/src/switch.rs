//! Puts mutants into the text of a file, each behind a switch.
//!
//! Where a mutant is, there stands both what was there and what the mutant has instead, and a call decides. Between two comments
//! `//<7` and `//>7` stands what only mutant 7 needs: what does not compile there is not viable.

use crate::list::Mutant;
use proc_macro2::Span;
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// First byte, and the byte behind the last.
type Range = (usize, usize);

/// What becomes of a piece of code.
enum Form {
    /// Before a body: what it returns at once, by number.
    Body(Vec<(usize, String)>),
    /// Operands, and the operators between them, which bind as they do in the text; other operators by number and place.
    Chain(Vec<Range>, Vec<String>, Vec<(usize, usize, String)>),
    /// What is negated, and the number without the negation.
    Not(Range, usize),
    /// Behind a pattern: the number without its arm.
    Guard(usize),
    /// A guard, the number without its arm, and other guards.
    Guarded(Range, Option<usize>, Vec<(usize, String)>),
    /// Before a function: it is not `const` while it asks for a switch.
    NotConst,
}

struct Node {
    range: Range,
    form: Form,
}

/// A text, and where its lines begin.
struct Text<'t> {
    text: &'t str,
    lines: Vec<usize>,
}

impl<'t> Text<'t> {
    fn new(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(place, _)| place + 1);
        Self { text, lines: core::iter::once(0).chain(ends).collect() }
    }

    /// The byte of a line from 1 and a column from 0, which counts characters.
    fn at(&self, line: usize, column: usize) -> usize {
        let start = self.lines[line - 1];
        let found = self.text[start..].char_indices().nth(column);
        found.map_or(self.text.len(), |(offset, _)| start + offset)
    }

    fn range(&self, span: Span) -> Range {
        let (start, end) = (span.start(), span.end());
        (self.at(start.line, start.column), self.at(end.line, end.column))
    }
}

struct Finder<'a> {
    text: &'a Text<'a>,
    /// The mutants of the file that no node has taken yet.
    left: Vec<(Range, &'a Mutant)>,
    nodes: Vec<Node>,
    /// Functions that have to stay `const`, by name.
    constants: &'a BTreeSet<String>,
}

impl Finder<'_> {
    fn take(&mut self, genre: &str, range: Range) -> Vec<(usize, String)> {
        let is_meant = |(place, mutant): &(Range, &Mutant)| mutant.genre == genre && *place == range;
        let (taken, left): (Vec<_>, _) = self.left.drain(..).partition(is_meant);
        self.left = left;
        taken.into_iter().map(|(_, mutant)| (mutant.id, mutant.replacement.clone())).collect()
    }

    /// Leaves the mutants of an expression to cargo-mutants.
    fn leave_out(&mut self, expression: &syn::Expr) {
        let whole = self.text.range(expression.span());
        self.left.retain(|(place, _)| place.0 < whole.0 || place.1 > whole.1);
    }

    fn enter(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let whole = self.text.range(block.span());
        let is_inside = |place: &Range| place.0 >= whole.0 && place.1 <= whole.1;
        if !self.left.iter().any(|(place, _)| is_inside(place)) {
            return;
        }
        if let Some(constness) = &signature.constness {
            if self.constants.contains(&signature.ident.to_string()) {
                self.left.retain(|(place, _)| !is_inside(place));
                return;
            }
            self.nodes.push(Node { range: self.text.range(constness.span()), form: Form::NotConst });
        }
        // One function returns one type: an early return of another iterator does not compile.
        let is_opaque = matches!(&signature.output, syn::ReturnType::Type(_, returned)
            if matches!(**returned, syn::Type::ImplTrait(_)));
        if let (Some(first), Some(last), false) = (block.stmts.first(), block.stmts.last(), is_opaque) {
            let body = (self.text.range(first.span()).0, self.text.range(last.span()).1);
            let returns = self.take("FnValue", body);
            if !returns.is_empty() {
                self.nodes.push(Node { range: (body.0, body.0), form: Form::Body(returns) });
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.enter(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.enter(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    // What a constant is worked out from cannot ask for a switch.
    fn visit_item_const(&mut self, constant: &'ast syn::ItemConst) {
        self.leave_out(&constant.expr);
    }

    fn visit_impl_item_const(&mut self, constant: &'ast syn::ImplItemConst) {
        self.leave_out(&constant.expr);
    }

    fn visit_expr_binary(&mut self, expression: &'ast syn::ExprBinary) {
        let (mut operands, mut operators) = (Vec::new(), Vec::new());
        flatten(expression, &mut operands, &mut operators);
        let (mut others, mut texts) = (Vec::new(), Vec::new());
        for (place, operator) in operators.iter().enumerate() {
            let range = self.text.range(operator.span());
            others
                .extend(self.take("BinaryOperator", range).into_iter().map(|(id, other)| (id, place, other)));
            texts.push(self.text.text[range.0..range.1].to_owned());
        }
        if !others.is_empty() {
            let ranges: Vec<Range> = operands.iter().map(|operand| self.text.range(operand.span())).collect();
            let range = (ranges[0].0, ranges[ranges.len() - 1].1);
            self.nodes.push(Node { range, form: Form::Chain(ranges, texts, others) });
        }
        for operand in operands {
            self.visit_expr(operand);
        }
    }

    fn visit_expr_unary(&mut self, expression: &'ast syn::ExprUnary) {
        let operator = self.text.range(expression.op.span());
        for (id, _) in self.take("UnaryOperator", operator) {
            let negated = self.text.range(expression.expr.span());
            self.nodes.push(Node { range: (operator.0, negated.1), form: Form::Not(negated, id) });
        }
        visit::visit_expr_unary(self, expression);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let start = self.text.range(arm.span()).0;
        // With or without the comma behind it.
        let ends = [self.text.range(arm.span()).1, self.text.range(arm.body.span()).1];
        let gone =
            ends.into_iter().flat_map(|end| self.take("MatchArm", (start, end))).next().map(|(id, _)| id);
        if let Some((_, guard)) = &arm.guard {
            let range = self.text.range(guard.span());
            let others = self.take("MatchArmGuard", range);
            if gone.is_some() || !others.is_empty() {
                self.nodes.push(Node { range, form: Form::Guarded(range, gone, others) });
            }
        } else if let Some(id) = gone {
            let end = self.text.range(arm.pat.span()).1;
            self.nodes.push(Node { range: (end, end), form: Form::Guard(id) });
        }
        visit::visit_arm(self, arm);
    }
}

/// Takes an expression apart into what stands between the operators that no parentheses keep together.
fn flatten<'e>(
    expression: &'e syn::ExprBinary,
    operands: &mut Vec<&'e syn::Expr>,
    operators: &mut Vec<&'e syn::BinOp>,
) {
    let mut side = |side: &'e syn::Expr, operators: &mut Vec<&'e syn::BinOp>| match side {
        syn::Expr::Binary(inner) => flatten(inner, operands, operators),
        other => operands.push(other),
    };
    side(&expression.left, operators);
    operators.push(&expression.op);
    side(&expression.right, operators);
}

struct Writer<'a> {
    text: &'a str,
    /// Outer ones before inner ones, and insertions before what begins there.
    nodes: Vec<Node>,
    unviable: &'a BTreeSet<usize>,
}

/// What decides whether a mutant is switched on.
fn on(id: usize) -> String {
    format!("crate::mutant_is_on({id})")
}

/// What only this mutant needs.
fn marked(id: usize, code: &str) -> String {
    format!("\n//<{id}\n{code}\n//>{id}\n")
}

impl Writer<'_> {
    fn is_viable(&self, id: usize) -> bool {
        !self.unviable.contains(&id)
    }

    /// Writes a range with the nodes in it; those from `first` on may be.
    fn write(&self, range: Range, first: usize) -> String {
        let (mut out, mut at) = (String::new(), range.0);
        for index in first..self.nodes.len() {
            let place = self.nodes[index].range;
            if place.0 > range.1 {
                break;
            }
            if place.0 >= at && place.1 <= range.1 {
                out += &self.text[at..place.0];
                out += &self.form(index);
                at = place.1;
            }
        }
        out + &self.text[at..range.1]
    }

    fn form(&self, index: usize) -> String {
        let inner = |range: &Range| self.write(*range, index + 1);
        match &self.nodes[index].form {
            Form::Body(returns) => {
                let viable = returns.iter().filter(|(id, _)| self.is_viable(*id));
                let returns =
                    viable.map(|(id, value)| marked(*id, &format!("if {} {{ return {value}; }}", on(*id))));
                returns.collect()
            }
            Form::Chain(operands, operators, others) => {
                let operands: Vec<String> = operands.iter().map(inner).collect();
                let chain = |changed: Option<(usize, &str)>| {
                    let behind = operators.iter().enumerate().map(|(place, operator)| {
                        let other = changed.filter(|(at, _)| *at == place).map(|(_, other)| other);
                        format!(" {} ({})", other.unwrap_or(operator), operands[place + 1])
                    });
                    format!("({}){}", operands[0], behind.collect::<String>())
                };
                let viable = others.iter().filter(|(id, ..)| self.is_viable(*id));
                let others = viable.map(|(id, place, other)| {
                    marked(*id, &format!("if {} {{ {} }}", on(*id), chain(Some((*place, other))))) + "else "
                });
                format!("({}{{ {} }})", others.collect::<String>(), chain(None))
            }
            Form::Not(negated, id) if self.is_viable(*id) => {
                let negated = inner(negated);
                let plain = marked(*id, &format!("if {} {{ ({negated}) }}", on(*id)));
                format!("({plain}else {{ !({negated}) }})")
            }
            Form::Not(negated, _) => format!("!({})", inner(negated)),
            Form::Guard(id) if self.is_viable(*id) => marked(*id, &format!(" if !{}", on(*id))),
            Form::Guard(_) | Form::NotConst => String::new(),
            Form::Guarded(guard, gone, others) => {
                let gone = gone.filter(|id| self.is_viable(*id));
                let gone = gone.map(|id| marked(id, &format!("!{} &&", on(id))));
                let viable = others.iter().filter(|(id, _)| self.is_viable(*id));
                let others =
                    viable.map(|(id, other)| marked(*id, &format!("if {} {{ {other} }}", on(*id))) + "else ");
                format!("{}({}{{ {} }})", gone.unwrap_or_default(), others.collect::<String>(), inner(guard))
            }
        }
    }
}

/// The numbers a node stands for.
fn numbers(form: &Form) -> Vec<usize> {
    match form {
        Form::Body(returns) => returns.iter().map(|(id, _)| *id).collect(),
        Form::Chain(_, _, others) => others.iter().map(|(id, ..)| *id).collect(),
        Form::Not(_, id) | Form::Guard(id) => vec![*id],
        Form::Guarded(_, gone, others) => {
            gone.iter().copied().chain(others.iter().map(|(id, _)| *id)).collect()
        }
        Form::NotConst => Vec::new(),
    }
}

/// A text with switches, and the numbers of the mutants that are in it.
pub(crate) fn put_in(
    text: &str,
    mutants: &[&Mutant],
    constants: &BTreeSet<String>,
    unviable: &BTreeSet<usize>,
) -> crate::Result<(String, Vec<usize>)> {
    let file = syn::parse_file(text)?;
    let text = Text::new(text);
    let left = mutants.iter().map(|mutant| {
        let [start, end] = mutant.places.map(|(line, column)| text.at(line, column - 1));
        ((start, end), *mutant)
    });
    let mut finder = Finder { text: &text, left: left.collect(), nodes: Vec::new(), constants };
    finder.visit_file(&file);
    let mut nodes = finder.nodes;
    nodes.sort_by_key(|node| (node.range.0, node.range.0 != node.range.1, usize::MAX - node.range.1));
    let switched = nodes.iter().flat_map(|node| numbers(&node.form)).collect();
    let writer = Writer { text: text.text, nodes, unviable };
    Ok((writer.write((0, text.text.len()), 0), switched))
}
