//! The schema: `schema.graphql` is what the hub serves, and everything in it is described.

use serde_json::{Value, json};

use crate::harness::{Hub, on_both_databases};

/// The introspection that code generators and GraphiQL send.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema {
    queryType { name } directives { name description args { ...Input } }
    types { kind name description
        fields(includeDeprecated: true) { name description args { ...Input } type { ...Type } }
        inputFields { ...Input } interfaces { ...Type }
        enumValues(includeDeprecated: true) { name description } possibleTypes { ...Type }
    }
} }
fragment Input on __InputValue { name description type { ...Type } defaultValue }
fragment Type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

#[test]
fn schema_graphql_is_what_the_binary_prints() {
    let committed = include_str!("../../schema.graphql");
    assert!(committed == api::sdl(), "schema.graphql is stale: run `make schema`");
}

on_both_databases! {
    async fn everything_in_the_schema_is_described(hub: &Hub) {
        let data = hub.data(INTROSPECTION, json!({})).await;
        let types = data["__schema"]["types"].as_array().expect("a schema has types");
        let mut silent = Vec::new();
        let mut described = 0;
        let mut check = |place: String, thing: &Value| {
            let text = thing["description"].as_str().unwrap_or_default();
            if text.trim().len() < 4 { silent.push(place) } else { described += 1 }
        };
        for kind in types {
            let name = kind["name"].as_str().unwrap_or_default();
            // Types that begin with two underscores are the engine's, and the built-in scalars are the language's.
            if name.starts_with("__") || ["Int", "Float", "String", "Boolean", "ID"].contains(&name) {
                continue;
            }
            check(name.to_owned(), kind);
            for list in ["fields", "inputFields", "enumValues"] {
                for member in kind[list].as_array().into_iter().flatten() {
                    let member_name = format!("{name}.{}", member["name"].as_str().unwrap_or_default());
                    for argument in member["args"].as_array().into_iter().flatten() {
                        check(format!("{member_name}({})", argument["name"]), argument);
                    }
                    check(member_name, member);
                }
            }
        }
        assert_eq!(silent, Vec::<String>::new());
        assert!(described > 300, "{described}");
    }
}
