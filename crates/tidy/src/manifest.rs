//! Manifests: members, dependencies, what is inherited.

use crate::house::House;
use toml::{Table, Value};

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The crate itself, or its build script.
    Normal,
    /// Its tests, examples and benches.
    Dev,
}

/// One line of a dependency table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package, also where it goes by another name here.
    pub package: String,
    /// What it is for.
    pub kind: Kind,
    /// Whether it is taken from the list of the workspace.
    pub is_inherited: bool,
}

/// A parsed `Cargo.toml`.
#[derive(Debug, Clone)]
pub struct Manifest {
    table: Table,
}

impl Manifest {
    /// Reads the manifest in `folder` (empty: the root).
    ///
    /// # Panics
    /// If there is none or it is no TOML.
    #[must_use]
    pub fn read(house: &House, folder: &str) -> Self {
        let path = if folder.is_empty() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") };
        let table = house.text(&path).parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { table }
    }

    /// Returns the value at a path of keys.
    #[must_use]
    pub fn value(&self, keys: &[&str]) -> Option<&Value> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.table.get(*first)?, |value, key| value.get(*key))
    }

    /// Returns the folders of the members of the workspace.
    #[must_use]
    pub fn members(&self) -> Vec<String> {
        let members = self.value(&["workspace", "members"]).and_then(Value::as_array);
        members.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Returns the name of the package, empty if the manifest has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.value(&["package", "name"]).and_then(Value::as_str).unwrap_or_default()
    }

    /// Tells whether `keys` says `workspace = true`.
    #[must_use]
    pub fn inherits(&self, keys: &[&str]) -> bool {
        self.value(keys).is_some_and(|value| value.get("workspace") == Some(&Value::Boolean(true)))
    }

    /// Lists the dependencies of all kinds and targets; `workspace` tells what an inherited one really is.
    #[must_use]
    pub fn dependencies(&self, workspace: &Self) -> Vec<Dependency> {
        let targets = self.value(&["target"]).and_then(Value::as_table);
        let scopes = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
        let mut found = Vec::new();
        for scope in core::iter::once(&self.table).chain(scopes) {
            for (section, kind) in [
                ("dependencies", Kind::Normal),
                ("build-dependencies", Kind::Normal),
                ("dev-dependencies", Kind::Dev),
            ] {
                let entries = scope.get(section).and_then(Value::as_table);
                for (key, value) in entries.into_iter().flatten() {
                    found.push(Self::dependency(key, value, kind, workspace));
                }
            }
        }
        found
    }

    fn dependency(key: &str, value: &Value, kind: Kind, workspace: &Self) -> Dependency {
        let is_inherited = value.get("workspace") == Some(&Value::Boolean(true));
        let source =
            if is_inherited { workspace.value(&["workspace", "dependencies", key]) } else { Some(value) };
        let renamed = source.and_then(|source| source.get("package")).and_then(Value::as_str);
        Dependency { package: renamed.unwrap_or(key).to_owned(), kind, is_inherited }
    }
}
