//! Where in the schema a client writes a text: every argument, and every field of an input, that takes one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use serde_json::{Map, Value, json};

/// A place for a text.
pub struct Place {
    /// Its coordinate: `Query.tenders(filter:).buyer`.
    pub name: String,
    /// A query that has the argument's value in the variable `$value`.
    pub query: String,
    /// The variable with a text at this place.
    pub variable: Box<dyn Fn(&str) -> Value>,
}

type Fields = Vec<Positioned<FieldDefinition>>;
type Inputs = Vec<Positioned<InputValueDefinition>>;
/// The value of an argument with a text somewhere inside, and where.
type Filled = (String, Box<dyn Fn(&str) -> Value>);

#[derive(Default)]
struct Schema {
    objects: BTreeMap<String, Fields>,
    inputs: BTreeMap<String, Inputs>,
    /// The first value of each.
    enums: BTreeMap<String, String>,
    scalars: BTreeSet<String>,
}

/// Every place of a schema that can be reached by paths of lists and single objects.
pub fn places(sdl: &str) -> Vec<Place> {
    let schema = Schema::parse(sdl);
    let mut places = Vec::new();
    // The shortest way to each type, as the fields on it.
    let mut ways: BTreeMap<&str, Vec<String>> = BTreeMap::from([("Query", Vec::new())]);
    let mut next = VecDeque::from(["Query"]);
    while let Some(parent) = next.pop_front() {
        let way = ways[parent].clone();
        for field in &schema.objects[parent] {
            let field = &field.node;
            places.extend(schema.places_of(parent, &way, field));
            let name = named(&field.ty.node);
            if !schema.objects.contains_key(name) || ways.contains_key(name) || !schema.leads_on(field) {
                continue;
            }
            let mut longer = way.clone();
            longer.push(format!("{}{}", field.name.node, schema.arguments(field, None)));
            ways.insert(name, longer);
            next.push_back(name);
        }
    }
    places
}

impl Schema {
    fn parse(sdl: &str) -> Self {
        let mut schema = Self {
            scalars: ["Int", "Float", "Boolean", "String", "ID"].map(str::to_owned).into(),
            ..Self::default()
        };
        for definition in parse_schema(sdl).expect("the text is a schema").definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.to_string();
            match definition.node.kind {
                TypeKind::Object(object) => drop(schema.objects.insert(name, object.fields)),
                TypeKind::InputObject(input) => drop(schema.inputs.insert(name, input.fields)),
                TypeKind::Enum(list) => {
                    let first = list.values.first().expect("an enum has values");
                    schema.enums.insert(name, first.node.value.node.to_string());
                }
                TypeKind::Scalar => drop(schema.scalars.insert(name)),
                TypeKind::Interface(_) | TypeKind::Union(_) => {}
            }
        }
        schema
    }

    /// The places in the arguments of one field, to which this way leads.
    fn places_of(&self, parent: &str, way: &[String], field: &FieldDefinition) -> Vec<Place> {
        let mut places = Vec::new();
        for argument in &field.arguments {
            let InputValueDefinition { name, ty, .. } = &argument.node;
            for (inner, variable) in self.texts(&ty.node, &mut Vec::new()) {
                let name_of = named(&field.ty.node);
                let is_leaf = self.scalars.contains(name_of) || self.enums.contains_key(name_of);
                let shown = if is_leaf { "" } else { " { __typename }" };
                let arguments = self.arguments(field, Some(&name.node));
                let last = format!("{}{arguments}{shown}", field.name.node);
                let path = way
                    .iter()
                    .rev()
                    .fold(last, |inner, outer| format!("{outer} {{ {inner} }}"));
                places.push(Place {
                    name: format!("{parent}.{}({}:){inner}", field.name.node, name.node),
                    query: format!("query ($value: {}) {{ {path} }}", ty.node),
                    variable,
                });
            }
        }
        places
    }

    /// The values of a type that have a text at one place.
    fn texts(&self, ty: &Type, inside: &mut Vec<String>) -> Vec<Filled> {
        let name = match &ty.base {
            BaseType::List(inner) => {
                let inner = self.texts(inner, inside).into_iter();
                return inner
                    .map(|(place, value)| -> Filled { (place, Box::new(move |text| json!([value(text)]))) })
                    .collect();
            }
            BaseType::Named(name) => name.as_str(),
        };
        let Some(fields) = self.inputs.get(name) else {
            let takes_text = !self.enums.contains_key(name) && !["Int", "Float", "Boolean"].contains(&name);
            let whole: Filled = (String::new(), Box::new(|text| text.into()));
            return takes_text.then_some(whole).into_iter().collect();
        };
        if inside.iter().any(|outer| outer == name) {
            return Vec::new();
        }
        inside.push(name.to_owned());
        let mut filled = Vec::new();
        for field in fields {
            let key = field.node.name.node.to_string();
            for (place, value) in self.texts(&field.node.ty.node, inside) {
                let (key, others) = (key.clone(), self.required(fields));
                let place = format!(".{key}{place}");
                let value = move |text: &str| {
                    let mut object = others.clone();
                    object.insert(key.clone(), value(text));
                    Value::Object(object)
                };
                filled.push((place, Box::new(value) as Box<dyn Fn(&str) -> Value>));
            }
        }
        inside.pop();
        filled
    }

    /// The arguments that a field needs, a small page, and the variable in one of them.
    fn arguments(&self, field: &FieldDefinition, variable: Option<&str>) -> String {
        let mut arguments = Vec::new();
        for argument in &field.arguments {
            let InputValueDefinition { name, ty, .. } = &argument.node;
            if variable == Some(name.node.as_str()) {
                arguments.push(format!("{}: $value", name.node));
            } else if name.node == "first" {
                arguments.push("first: 2".to_owned());
            } else if is_required(&argument.node) {
                arguments.push(format!("{}: {}", name.node, self.literal(&ty.node)));
            }
        }
        if arguments.is_empty() {
            return String::new();
        }
        format!("({})", arguments.join(", "))
    }

    /// Whether a field can be asked without knowing what is there.
    fn leads_on(&self, field: &FieldDefinition) -> bool {
        let needed = field.arguments.iter().map(|argument| &argument.node);
        needed
            .filter(|argument| is_required(argument))
            .all(|argument| self.enums.contains_key(named(&argument.ty.node)))
    }

    fn required(&self, fields: &Inputs) -> Map<String, Value> {
        let fields = fields.iter().map(|field| &field.node);
        fields
            .filter(|field| is_required(field))
            .map(|field| (field.name.node.to_string(), self.sample(&field.ty.node)))
            .collect()
    }

    /// Some value of a type, as JSON.
    fn sample(&self, ty: &Type) -> Value {
        let name = match &ty.base {
            BaseType::List(inner) => return json!([self.sample(inner)]),
            BaseType::Named(name) => name.as_str(),
        };
        if let Some(fields) = self.inputs.get(name) {
            return Value::Object(self.required(fields));
        }
        match name {
            "Int" => json!(1),
            "Boolean" => json!(true),
            "DateTime" => json!("2026-01-01T00:00:00Z"),
            _ => json!(self.enums.get(name).map_or("72", String::as_str)),
        }
    }

    /// The same as it stands in a document.
    fn literal(&self, ty: &Type) -> String {
        let name = match &ty.base {
            BaseType::List(inner) => return format!("[{}]", self.literal(inner)),
            BaseType::Named(name) => name.as_str(),
        };
        if let Some(fields) = self.inputs.get(name) {
            let fields = fields
                .iter()
                .map(|field| &field.node)
                .filter(|field| is_required(field));
            let fields: Vec<String> = fields
                .map(|field| format!("{}: {}", field.name.node, self.literal(&field.ty.node)))
                .collect();
            return format!("{{{}}}", fields.join(", "));
        }
        self.enums
            .get(name)
            .cloned()
            .unwrap_or_else(|| self.sample(ty).to_string())
    }
}

fn is_required(input: &InputValueDefinition) -> bool {
    !input.ty.node.nullable && input.default_value.is_none()
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}
