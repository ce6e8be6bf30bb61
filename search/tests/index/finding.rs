//! What is found, in what order, and what is counted beside it.

use crate::tables::{Tables, Tender, all, found, text, words};
use search::{Dimension, Kind};

#[tokio::test]
async fn the_newer_of_two_and_the_one_with_the_words_in_its_title_come_first() {
    let tables = Tables::new().await;
    let old = Tender {
        number: 1,
        title: "Onderhoud wegen",
        published_at: "2018-01-01",
        ..Tender::default()
    };
    let new = Tender {
        number: 2,
        title: "Onderhoud wegen",
        ..Tender::default()
    };
    let aside = Tender {
        number: 3,
        title: "Beheer bruggen",
        description: "Onderhoud wegen",
        ..Tender::default()
    };
    let revision = tables.write(&[old, new, aside]).await;
    let (index, keeper) = tables.keep();
    let snapshot = tables.caught_up(&index, revision).await;
    let ranked = found(&snapshot, &words("onderhoud wegen"));
    assert_eq!(ranked[0], 2);
    assert_eq!(ranked.len(), 3);
    assert_eq!(
        found(&snapshot, &search::Filter::default())[2],
        1,
        "without words the oldest comes last"
    );
    keeper.stop().await;
}

#[tokio::test]
async fn a_facet_ignores_what_is_said_about_itself_and_nothing_else() {
    let tables = Tables::new().await;
    tables.buyer(50, "Een", "NL").await;
    tables.buyer(51, "Twee", "BE").await;
    let of_buyer = |number, buyer, published_at| Tender {
        number,
        title: "Brug",
        buyer: Some(buyer),
        published_at,
        ..Tender::default()
    };
    let tenders = [
        of_buyer(1, 50, "2024-01-01"),
        of_buyer(2, 50, "2025-01-01"),
        of_buyer(3, 51, "2025-02-01"),
    ];
    let revision = tables.write(&tenders).await;
    let (index, keeper) = tables.keep();
    let snapshot = tables.caught_up(&index, revision).await;
    let mut filter = words("brug");
    filter.countries = Some(vec!["NL".to_owned()]);
    let facets = [Dimension::Country, Dimension::Year, Dimension::Source];
    let mut question = all(&filter);
    question.facets = &facets;
    let answer = snapshot.tenders(&question).expect("the index is whole");
    let counts = |dimension| -> Vec<(&str, u64)> {
        let counts = answer.facets[&dimension].iter();
        counts.map(|(value, count)| (value.as_str(), *count)).collect()
    };
    assert_eq!(answer.count, Some(2));
    assert_eq!(counts(Dimension::Country), [("NL", 2), ("BE", 1)]);
    assert_eq!(counts(Dimension::Year), [("2024", 1), ("2025", 1)]);
    assert_eq!(counts(Dimension::Source), [("example", 2)]);
    keeper.stop().await;
}

#[tokio::test]
async fn completions_are_names_and_titles_each_once() {
    let tables = Tables::new().await;
    tables.buyer(50, "Gemeente Zeeblik", "NL").await;
    tables.buyer(51, "Gemeente Zeeblik aan de Rijn", "NL").await;
    let titled = |number, buyer| Tender {
        number,
        title: "Zeeblik baggeren <b>",
        buyer: Some(buyer),
        ..Tender::default()
    };
    let revision = tables.write(&[titled(1, 50), titled(2, 51), titled(3, 51)]).await;
    let (index, keeper) = tables.keep();
    let snapshot = tables.caught_up(&index, revision).await;
    let suggestions = snapshot
        .suggest(
            &text("gemeente zee").unfinished(),
            &[Kind::Buyer, Kind::Tender],
            "nl",
            10,
        )
        .expect("the index is whole");
    let texts: Vec<&str> = suggestions.iter().map(|suggestion| suggestion.text.as_str()).collect();
    assert_eq!(texts, ["Gemeente Zeeblik", "Gemeente Zeeblik aan de Rijn"]);
    assert_eq!(suggestions[0].html, "<em>Gemeente</em> <em>Zeeblik</em>");
    let titles = snapshot
        .suggest(&text("bag").unfinished(), &[Kind::Tender], "nl", 10)
        .expect("the index is whole");
    let titles: Vec<&str> = titles.iter().map(|suggestion| suggestion.html.as_str()).collect();
    assert_eq!(titles, ["Zeeblik <em>baggeren</em> &lt;b&gt;"]);
    keeper.stop().await;
}
