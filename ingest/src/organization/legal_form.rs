//! Legal forms, as the last or first words of a name: how many ways there are to write one.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A form in the spelling in which forms are compared, and its other spellings. All are words as
/// [`super::name`] makes them: lower case, no accents, single letters that follow one another in one word.
///
/// Forms that replaced one another by law are one: a Belgian `BVBA` became a `BV` without doing anything.
const TRAILING: &[(&str, &[&str])] = &[
    (
        "bv",
        &[
            "bvba",
            "ebvba",
            "besloten vennootschap",
            "besloten vennootschap met beperkte aansprakelijkheid",
        ],
    ),
    ("nv", &["naamloze vennootschap"]),
    ("vof", &["vennootschap onder firma"]),
    ("cv", &["commanditaire vennootschap", "commv", "comm v"]),
    ("stichting", &[]),
    ("ua", &["cooperatie ua", "cooperatief ua"]),
    ("ba", &["cooperatie ba"]),
    ("cvba", &["scrl", "cvba so"]),
    ("vzw", &["asbl", "ivzw", "aisbl"]),
    (
        "gmbh",
        &[
            "ges mbh",
            "gesmbh",
            "mbh",
            "gesellschaft mit beschrankter haftung",
            "gesellschaft mbh",
        ],
    ),
    ("ggmbh", &["gemeinnutzige gmbh"]),
    (
        "gmbh co kg",
        &["gmbh und co kg", "gmbh & co kg", "gmbh & cokg", "gmbh & co"],
    ),
    ("ag", &["aktiengesellschaft"]),
    ("ag co kg", &["ag & co kg"]),
    ("kg", &["kommanditgesellschaft"]),
    ("kgaa", &[]),
    ("ohg", &["offene handelsgesellschaft"]),
    ("gbr", &[]),
    ("ug", &["ug haftungsbeschrankt"]),
    ("eg", &["eingetragene genossenschaft"]),
    ("ev", &["eingetragener verein"]),
    ("ek", &["ekfm", "e kfm"]),
    ("se", &[]),
    (
        "ltd",
        &["limited", "co ltd", "co limited", "company limited", "company ltd"],
    ),
    ("pvt ltd", &["private limited", "pvt limited", "p ltd", "private ltd"]),
    ("pty ltd", &["proprietary limited", "pty limited", "pty"]),
    ("pte ltd", &["pte limited"]),
    ("plc", &["public limited company"]),
    ("llp", &["limited liability partnership"]),
    ("llc", &["limited liability company"]),
    ("lp", &["limited partnership"]),
    ("inc", &["incorporated"]),
    ("corp", &["corporation"]),
    ("co", &["company"]),
    ("cic", &["community interest company"]),
    ("dac", &["designated activity company"]),
    (
        "sa",
        &[
            "sociedad anonima",
            "societe anonyme",
            "societa anonima",
            "sociedade anonima",
            "s a",
        ],
    ),
    (
        "sa de cv",
        &[
            "sociedad anonima de capital variable",
            "sa de c",
            "sa de",
            "sa d",
            "sade cv",
            "sadecv",
            "sacv",
        ],
    ),
    (
        "sapi de cv",
        &[
            "sapi de c",
            "sociedad anonima promotora de inversion de capital variable",
        ],
    ),
    ("sab de cv", &["sab de c"]),
    (
        "s de rl de cv",
        &[
            "s de rl",
            "sde rl de cv",
            "srl de cv",
            "sociedad de responsabilidad limitada de capital variable",
        ],
    ),
    ("sc", &["sociedad civil"]),
    ("ac", &["asociacion civil"]),
    (
        "sas",
        &[
            "sasu",
            "societe par actions simplifiee",
            "sociedad por acciones simplificada",
        ],
    ),
    ("sac", &["sociedad anonima cerrada"]),
    ("saci", &["saic"]),
    ("saa", &[]),
    ("sau", &["sociedad anonima unipersonal"]),
    (
        "sl",
        &[
            "sociedad limitada",
            "slu",
            "sociedad limitada unipersonal",
            "slp",
            "sll",
        ],
    ),
    (
        "srl",
        &[
            "sprl",
            "societa a responsabilita limitata",
            "sociedad de responsabilidad limitada",
            "soc resp limitata",
            "societate cu raspundere limitata",
            "srls",
        ],
    ),
    ("sarl", &["societe a responsabilite limitee"]),
    ("eurl", &[]),
    ("eirl", &[]),
    ("snc", &["societe en nom collectif"]),
    ("sca", &[]),
    ("scop", &[]),
    ("scs", &[]),
    ("gie", &[]),
    ("spa", &["societa per azioni", "sociedad por acciones"]),
    ("scarl", &["scrl consortile", "societa cooperativa"]),
    ("ltda", &["limitada", "cia ltda", "compania limitada"]),
    ("lda", &["unipessoal lda"]),
    ("me", &["epp", "eireli"]),
    ("as", &["aktieselskab", "aksjeselskap"]),
    ("asa", &["allmennaksjeselskap"]),
    ("aps", &["anpartsselskab"]),
    ("ab", &["aktiebolag", "aktiebolaget"]),
    ("hb", &["handelsbolag"]),
    ("ks", &[]),
    ("oy", &["osakeyhtio", "oy ab"]),
    ("oyj", &["julkinen osakeyhtio", "oyj abp"]),
    ("ou", &["osauhing"]),
    ("uab", &["uzdaroji akcine bendrove"]),
    ("sia", &["sabiedriba ar ierobezotu atbildibu"]),
    (
        "sp zoo",
        &[
            "sp z oo",
            "spolka zoo",
            "spolka z ograniczona odpowiedzialnoscia",
            "spzoo",
        ],
    ),
    ("sp zoo sp k", &["sp zoo spk", "sp z oo sp k", "sp z oo spk"]),
    ("sp j", &["spj", "spolka jawna"]),
    ("sp k", &["spk", "spolka komandytowa"]),
    (
        "sro",
        &["spol sro", "spol s ro", "spolecnost s rucenim omezenym", "s ro"],
    ),
    ("vos", &["verejna obchodni spolecnost"]),
    ("doo", &["drustvo s ogranicenom odgovornoscu", "jdoo", "do o"]),
    ("dd", &["dionicko drustvo"]),
    ("ad", &["akcionarsko drustvo"]),
    ("kft", &["korlatolt felelossegu tarsasag"]),
    ("zrt", &["zartkoruen mukodo reszvenytarsasag"]),
    ("nyrt", &[]),
    ("bt", &["beteti tarsasag"]),
    ("eood", &["еоод"]),
    ("ood", &["оод"]),
    ("ead", &["еад"]),
    ("ae", &["αε", "ανωνυμη εταιρεια"]),
    ("epe", &["επε"]),
    ("ике", &["ικε"]),
    ("as tr", &["anonim sirketi", "anonim sti"]),
    ("ltd sti", &["limited sirketi", "limited sti"]),
    (
        "ооо",
        &[
            "общество с ограниченнои ответственностью",
            "общество с ограниченной ответственностью",
        ],
    ),
    ("оао", &["открытое акционерное общество"]),
    ("зао", &["закрытое акционерное общество"]),
    ("пао", &["публичное акционерное общество"]),
    ("ао", &["акционерное общество"]),
    ("тов", &["товариство з обмеженою відповідальністю"]),
    ("пат", &["публічне акціонерне товариство"]),
    ("прат", &["приватне акціонерне товариство"]),
    ("ат", &["акціонерне товариство"]),
    ("пп", &["приватне підприємство", "чп", "частное предприятие"]),
    ("дп", &["державне підприємство"]),
    ("кп", &["комунальне підприємство"]),
    ("spy", &["сpy", "llc am"]),
];

/// Forms that stand in front of a name, and count as forms there only.
const LEADING: &[(&str, &[&str])] = &[
    ("stichting", &["st"]),
    ("sc", &["societatea comerciala"]),
    ("uab", &["uzdaroji akcine bendrove"]),
    ("sia", &[]),
    ("ооо", &["общество с ограниченной ответственностью"]),
    ("оао", &["открытое акционерное общество"]),
    ("зао", &["закрытое акционерное общество"]),
    ("пао", &["публичное акционерное общество"]),
    ("ао", &["акционерное общество"]),
    ("тов", &["товариство з обмеженою відповідальністю"]),
    ("пат", &["публічне акціонерне товариство"]),
    ("прат", &["приватне акціонерне товариство"]),
    ("ат", &["акціонерне товариство"]),
    ("пп", &["приватне підприємство", "чп", "частное предприятие"]),
    ("дп", &["державне підприємство"]),
    ("кп", &["комунальне підприємство"]),
    (
        "фоп",
        &["фізична особа підприємець", "фізична особа підприемець", "флп", "спд"],
    ),
];

/// Forms under which a person trades: the name is a person's.
const PERSONAL: &[&str] = &["фоп"];

/// The forms by each of their spellings.
struct Spellings {
    forms: HashMap<&'static str, &'static str>,
    /// How many words the longest spelling has.
    most_words: usize,
}

impl Spellings {
    fn of(table: &[(&'static str, &[&'static str])]) -> Spellings {
        let mut spellings = Spellings {
            forms: HashMap::new(),
            most_words: 0,
        };
        for (form, others) in table {
            for spelling in std::iter::once(form).chain(*others) {
                spellings.forms.entry(spelling).or_insert(form);
                spellings.most_words = spellings.most_words.max(spelling.split(' ').count());
            }
        }
        spellings
    }

    fn form(&self, spelling: &str) -> Option<&'static str> {
        self.forms.get(spelling).copied()
    }
}

static TRAILING_SPELLINGS: LazyLock<Spellings> = LazyLock::new(|| Spellings::of(TRAILING));
static LEADING_SPELLINGS: LazyLock<Spellings> = LazyLock::new(|| Spellings::of(LEADING));

/// Takes a legal form off the words of a name, the longest that is there. A name that is nothing but a form keeps it.
pub(super) fn split(words: &str) -> (&str, Option<&'static str>) {
    match trailing(words).or_else(|| leading(words)) {
        // `SC Name SRL`: what stands in front says no more.
        Some((rest, form)) if form != "sc" => (rest.strip_prefix("sc ").unwrap_or(rest), Some(form)),
        Some((rest, form)) => (rest, Some(form)),
        None => (words, None),
    }
}

fn trailing(words: &str) -> Option<(&str, &'static str)> {
    let blanks = words.rmatch_indices(' ').take(TRAILING_SPELLINGS.most_words);
    let found = blanks.filter_map(|(blank, _)| Some((&words[..blank], TRAILING_SPELLINGS.form(&words[blank + 1..])?)));
    found.last()
}

fn leading(words: &str) -> Option<(&str, &'static str)> {
    let blanks = words.match_indices(' ').take(LEADING_SPELLINGS.most_words);
    let found = blanks.filter_map(|(blank, _)| Some((&words[blank + 1..], LEADING_SPELLINGS.form(&words[..blank])?)));
    found.last()
}

/// Whether the form is that of a person in business.
pub(super) fn is_personal(form: &str) -> bool {
    PERSONAL.contains(&form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_form_is_taken_off() {
        for (words, rest, form) in [
            ("jansen bv", "jansen", Some("bv")),
            ("muller gmbh & co kg", "muller", Some("gmbh co kg")),
            ("grupo sa de cv", "grupo", Some("sa de cv")),
            ("sc drumuri srl", "drumuri", Some("srl")),
            ("stichting het huis", "het huis", Some("stichting")),
            ("тов журавка", "журавка", Some("тов")),
            ("smith co ltd", "smith", Some("ltd")),
            ("x gmbh co kg", "x", Some("gmbh co kg")),
            (
                "besloten vennootschap met beperkte aansprakelijkheid jansen",
                "besloten vennootschap met beperkte aansprakelijkheid jansen",
                None,
            ),
            (
                "jansen besloten vennootschap met beperkte aansprakelijkheid",
                "jansen",
                Some("bv"),
            ),
            ("bv", "bv", None),
            ("gemeente utrecht", "gemeente utrecht", None),
            ("casa", "casa", None),
        ] {
            assert_eq!(split(words), (rest, form), "{words}");
        }
    }
}
