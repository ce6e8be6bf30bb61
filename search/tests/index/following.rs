//! An index that is kept: it is built where there is none, follows every commit, and heals.

use std::fs;

use crate::tables::{Tables, Tender, all, found, key, text, words};
use search::{Filter, Kind};

fn in_country(country: &str) -> Filter {
    Filter {
        countries: Some(vec![country.to_owned()]),
        ..Filter::default()
    }
}

#[tokio::test]
async fn what_is_committed_is_found_and_what_was_is_not() {
    let tables = Tables::new().await;
    let school = Tender {
        title: "Schoonmaken van scholen",
        ..Tender::default()
    };
    let revision = tables.write(&[school]).await;
    let (index, keeper) = tables.keep();
    let first = tables.caught_up(&index, revision).await;
    assert_eq!(found(&first, &words("school")), [1]);

    let changed = Tender {
        title: "Bouw van een zwembad",
        ..Tender::default()
    };
    let added = Tender {
        number: 2,
        title: "Zwembaden onderhouden",
        ..Tender::default()
    };
    let revision = tables.write(&[changed, added]).await;
    let second = tables.caught_up(&index, revision).await;
    assert!(found(&second, &words("school")).is_empty());
    let mut pools = found(&second, &words("zwembad"));
    pools.sort_unstable();
    assert_eq!(pools, [1, 2]);
    assert_eq!(found(&first, &words("school")), [1], "a state never changes");
    assert_ne!(first.id(), second.id());

    let revision = tables.remove(1).await;
    let third = tables.caught_up(&index, revision).await;
    assert_eq!(found(&third, &words("zwembad")), [2]);
    keeper.stop().await;
}

#[tokio::test]
async fn more_changes_than_are_read_at_a_time_are_all_taken_over() {
    let tables = Tables::new().await;
    let (index, keeper) = tables.keep();
    let named = |title| {
        let tender = move |number| Tender {
            number,
            title,
            ..Tender::default()
        };
        (1..=1201).map(tender).collect::<Vec<_>>()
    };
    let revision = tables.write(&named("Fietspad")).await;
    let snapshot = tables.caught_up(&index, revision).await;
    assert_eq!(found(&snapshot, &words("fietspaden")).len(), 1201);
    let revision = tables.write(&named("Voetpad")).await;
    let snapshot = tables.caught_up(&index, revision).await;
    assert_eq!(found(&snapshot, &words("fietspaden")).len(), 0);
    assert_eq!(found(&snapshot, &words("voetpaden")).len(), 1201);
    keeper.stop().await;
}

#[tokio::test]
async fn a_tender_is_found_in_the_country_where_its_buyer_is_now() {
    let tables = Tables::new().await;
    tables.buyer(50, "Stad Voorbeeld", "NL").await;
    let of_buyer = |number| Tender {
        number,
        title: "Brug",
        buyer: Some(50),
        ..Tender::default()
    };
    let revision = tables.write(&[of_buyer(1), of_buyer(2)]).await;
    let (index, keeper) = tables.keep();
    let snapshot = tables.caught_up(&index, revision).await;
    assert_eq!(found(&snapshot, &in_country("NL")).len(), 2);

    // A third tender says that the buyer is elsewhere; of the others nothing is said.
    tables.buyer(50, "Stad Voorbeeld", "BE").await;
    let revision = tables.write(&[of_buyer(3)]).await;
    let snapshot = tables.caught_up(&index, revision).await;
    assert_eq!(found(&snapshot, &in_country("NL")).len(), 0);
    assert_eq!(found(&snapshot, &in_country("BE")).len(), 3);
    keeper.stop().await;
}

#[tokio::test]
async fn organisations_come_and_go_with_the_tenders_that_name_them() {
    let tables = Tables::new().await;
    let (index, keeper) = tables.keep();
    tables.buyer(50, "Waterschap Zeeblik", "NL").await;
    let of_buyer = Tender {
        buyer: Some(50),
        ..Tender::default()
    };
    let revision = tables.write(&[of_buyer]).await;
    let snapshot = tables.caught_up(&index, revision).await;
    let buyers = |snapshot: &search::Snapshot, typed| {
        let found = snapshot.everything(&text(typed), &[Kind::Buyer], "nl", 10, None);
        let found = found.expect("the index is whole").things.into_iter();
        found.map(|thing| thing.id).collect::<Vec<_>>()
    };
    assert_eq!(buyers(&snapshot, "zeeblik"), [key(50)]);

    tables.execute("DELETE FROM buyer; DELETE FROM organization;").await;
    let revision = tables.remove(1).await;
    let snapshot = tables.caught_up(&index, revision).await;
    assert!(buyers(&snapshot, "zeeblik").is_empty());
    keeper.stop().await;
}

#[tokio::test]
async fn of_several_who_share_a_folder_another_one_goes_on_when_one_ends() {
    let tables = Tables::new().await;
    let (one, first) = tables.keep();
    let named = |number| Tender {
        number,
        title: "Sluis",
        ..Tender::default()
    };
    let revision = tables.write(&[named(1)]).await;
    tables.caught_up(&one, revision).await;
    let (other, second) = tables.keep();
    let revision = tables.write(&[named(2)]).await;
    for index in [&one, &other] {
        let snapshot = tables.caught_up(index, revision).await;
        assert_eq!(found(&snapshot, &words("sluizen")).len(), 2);
    }
    first.stop().await;
    let revision = tables.write(&[named(3)]).await;
    let snapshot = tables.caught_up(&other, revision).await;
    assert_eq!(found(&snapshot, &words("sluizen")).len(), 3);
    second.stop().await;
}

#[tokio::test]
async fn an_index_that_is_damaged_or_of_other_data_is_built_anew() {
    let tables = Tables::new().await;
    let named = Tender {
        title: "Kade",
        ..Tender::default()
    };
    let revision = tables.write(&[named]).await;
    let (index, keeper) = tables.keep();
    tables.caught_up(&index, revision).await;
    keeper.stop().await;
    let mut damaged = 0;
    for volume in fs::read_dir(tables.index())
        .expect("a folder")
        .map(|entry| entry.expect("readable").path())
    {
        let Ok(files) = fs::read_dir(volume.join("tenders")) else {
            continue;
        };
        for file in files.map(|entry| entry.expect("readable").path()) {
            if file.extension().is_some_and(|extension| extension == "idx") {
                fs::write(&file, b"nonsense").expect("the folder can be written");
                damaged += 1;
            }
        }
    }
    assert!(damaged > 0);
    let (index, keeper) = tables.keep();
    let snapshot = tables.caught_up(&index, revision).await;
    assert_eq!(found(&snapshot, &words("kade")), [1]);
    keeper.stop().await;

    let others = Tables::new().await;
    let named = Tender {
        number: 9,
        title: "Haven",
        ..Tender::default()
    };
    let revision = others.write(&[named]).await;
    fs::remove_dir_all(others.index()).ok();
    copy(&tables.index(), &others.index());
    let (index, keeper) = others.keep();
    let snapshot = loop {
        let snapshot = others.caught_up(&index, revision).await;
        if found(&snapshot, &Filter::default()) == [9] {
            break snapshot;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    assert!(found(&snapshot, &words("kade")).is_empty());
    keeper.stop().await;
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from)
        .expect("a folder")
        .map(|entry| entry.expect("readable"))
    {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

#[tokio::test]
async fn scores_of_a_list_go_on_from_their_tender_in_a_later_state() {
    let tables = Tables::new().await;
    let titles = [
        "Brug",
        "Brug en sluis",
        "Brug bij de sluis",
        "Brug over de rivier bij de sluis",
    ];
    let tenders = titles.iter().zip(1..).map(|(title, number)| Tender {
        number,
        title,
        ..Tender::default()
    });
    let revision = tables.write(&tenders.collect::<Vec<_>>()).await;
    let (index, keeper) = tables.keep();
    let filter = words("brug");
    let before = tables.caught_up(&index, revision).await;
    let ranked = found(&before, &filter);
    assert_eq!(ranked.len(), 4);

    let many = (100..160).map(|number| Tender {
        number,
        title: "Weg",
        description: "Een lange weg naar een brug die er niet is",
        ..Tender::default()
    });
    let revision = tables.write(&many.collect::<Vec<_>>()).await;
    let after = tables.caught_up(&index, revision).await;
    for (rank, number) in ranked.iter().enumerate() {
        let place = after
            .place_by_relevance(&filter, key(*number))
            .expect("the index is whole");
        let place = place.expect("it still matches");
        let mut question = all(&filter);
        if let Some(page) = &mut question.page {
            page.after = Some(place);
        }
        let rest = after.tenders(&question).expect("the index is whole").tenders;
        let rest: Vec<u128> = rest.iter().map(|tender| tender.place.id.as_u128()).collect();
        let whole = found(&after, &filter);
        let own = whole
            .iter()
            .position(|other| other == number)
            .expect("it still matches");
        assert_eq!(rest, whole[own + 1..], "after {rank}");
    }
    assert_eq!(
        after
            .place_by_relevance(&filter, key(12_345))
            .expect("the index is whole"),
        None
    );
    keeper.stop().await;
}
