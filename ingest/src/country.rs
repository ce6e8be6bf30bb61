//! Countries as publishers name them, as ISO 3166-1 alpha-2 codes.

/// The assigned codes, and `XK`, which everyone uses for Kosovo.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU \
    MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB \
    SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY \
    UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Names in English, in Dutch and in the country's own languages, in lower case.
const NAMES: &[(&str, &[&str])] = &[
    ("AM", &["armenia", "armenië", "հայաստան", "republic of armenia"]),
    ("AT", &["austria", "oostenrijk", "österreich"]),
    ("AU", &["australia", "australië"]),
    ("BE", &["belgium", "belgië", "belgie", "belgique", "belgien"]),
    ("BG", &["bulgaria", "bulgarije", "българия"]),
    ("BR", &["brazil", "brazilië", "brasil"]),
    ("CA", &["canada"]),
    ("CH", &["switzerland", "zwitserland", "schweiz", "suisse", "svizzera"]),
    ("CL", &["chile", "chili"]),
    ("CN", &["china", "people's republic of china", "中国"]),
    ("CO", &["colombia"]),
    ("CY", &["cyprus", "κύπρος"]),
    (
        "CZ",
        &["czech republic", "czechia", "tsjechië", "česko", "česká republika"],
    ),
    ("DE", &["germany", "duitsland", "deutschland"]),
    ("DK", &["denmark", "denemarken", "danmark"]),
    ("EE", &["estonia", "estland", "eesti"]),
    ("ES", &["spain", "spanje", "españa"]),
    ("FI", &["finland", "suomi"]),
    ("FR", &["france", "frankrijk"]),
    (
        "GB",
        &[
            "united kingdom",
            "verenigd koninkrijk",
            "great britain",
            "groot-brittannië",
            "england",
            "scotland",
            "wales",
            "northern ireland",
            "u.k.",
        ],
    ),
    ("GE", &["georgia", "georgië", "საქართველო"]),
    ("GR", &["greece", "griekenland", "ελλάδα"]),
    ("HR", &["croatia", "kroatië", "hrvatska"]),
    ("HU", &["hungary", "hongarije", "magyarország"]),
    ("IE", &["ireland", "ierland", "éire"]),
    ("IN", &["india"]),
    ("IT", &["italy", "italië", "italia"]),
    ("JP", &["japan", "日本"]),
    ("KE", &["kenya", "kenia"]),
    ("LT", &["lithuania", "litouwen", "lietuva"]),
    ("LU", &["luxembourg", "luxemburg", "lëtzebuerg"]),
    ("LV", &["latvia", "letland", "latvija"]),
    (
        "MD",
        &["moldova", "moldavië", "republic of moldova", "republica moldova"],
    ),
    ("MT", &["malta"]),
    ("MX", &["mexico", "méxico"]),
    ("NG", &["nigeria"]),
    ("NL", &["netherlands", "the netherlands", "nederland", "holland"]),
    ("NO", &["norway", "noorwegen", "norge", "noreg"]),
    ("PL", &["poland", "polen", "polska"]),
    ("PT", &["portugal"]),
    ("PY", &["paraguay"]),
    ("RO", &["romania", "roemenië", "românia"]),
    ("RU", &["russia", "rusland", "russian federation", "россия"]),
    ("SE", &["sweden", "zweden", "sverige"]),
    ("SI", &["slovenia", "slovenië", "slovenija"]),
    ("SK", &["slovakia", "slowakije", "slovensko"]),
    ("TR", &["turkey", "turkije", "türkiye"]),
    ("UA", &["ukraine", "oekraïne", "україна"]),
    ("UG", &["uganda", "oeganda"]),
    (
        "US",
        &[
            "united states",
            "united states of america",
            "verenigde staten",
            "usa",
            "u.s.a.",
        ],
    ),
    ("XK", &["kosovo", "kosova"]),
    ("ZA", &["south africa", "zuid-afrika"]),
];

/// The code of a country from its code or its name; `None` if it is neither.
///
/// `UK` and `EL`, which the European Union uses, are the United Kingdom and Greece.
pub(crate) fn code(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() == 2 {
        let code = match text.to_ascii_uppercase().as_str() {
            "UK" => "GB".to_owned(),
            "EL" => "GR".to_owned(),
            other => other.to_owned(),
        };
        return CODES
            .split_ascii_whitespace()
            .any(|known| known == code)
            .then_some(code);
    }
    let name = text.to_lowercase();
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(code, _)| (*code).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_known() {
        for (text, expected) in [
            ("NL", Some("NL")),
            ("nl ", Some("NL")),
            ("Nederland", Some("NL")),
            ("UK", Some("GB")),
            ("UNITED KINGDOM", Some("GB")),
            ("ÖSTERREICH", Some("AT")),
            ("XX", None),
            ("", None),
            ("Atlantis", None),
        ] {
            assert_eq!(code(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn every_name_leads_to_an_assigned_code() {
        for (country, names) in NAMES {
            assert_eq!(code(country).as_deref(), Some(*country));
            for name in *names {
                assert_eq!(code(name).as_deref(), Some(*country), "{name}");
            }
        }
    }
}
