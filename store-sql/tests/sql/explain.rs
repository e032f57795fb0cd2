//! No call but one scans the table.

use session_core::{Expect, Store};
use store_sql::Dialect;

use crate::{
    common::{at, key, owned, record},
    fill::{FILL, Fill},
    place::{ALL, Place, each},
};

/// What is bound to a statement: keys, data, owners, numbers, and W for those without an owner.
fn bound(dialect: Dialect, name: &str) -> &'static str {
    match name {
        "save" => "DNNNONNKNN",
        "touch" => "NNNNKNN",
        "delete" | "load" | "look" => "K",
        "deletes" | "left" => "KK",
        "loads" => "A",
        "changes" if dialect == Dialect::Postgres => "ATIIBIIII",
        // Of two rows where each has parameters of its own.
        "changes" if dialect == Dialect::Sqlite => "KDNNONNNNKDNNONNNN",
        "changes" => "KNNNNNNKNNNNNNDDOO",
        "creates" => "KDNNONNKDNNONN",
        "sweep" => "NKN",
        "first_to_go" | "evict" => "WKN",
        "evict_these" => "KKWN",
        "page" => "KNN",
        "owned_by" => "ON",
        other => panic!("what is bound to {other}?"),
    }
}

/// Returns the statements that need an index, by their names.
///
/// `count` reads what is live. Where that is nearly all, the table is as good as an index.
fn statements(dialect: Dialect) -> impl Iterator<Item = (&'static str, String)> {
    let all = store_sql::__private::statements(dialect, "sessions").unwrap();
    all.into_iter().filter(|(name, _)| *name != "count")
}

/// Writes into the statement what would be bound to it.
fn filled(dialect: Dialect, name: &str, sql: &str) -> String {
    let literal = |kind| match (kind, dialect) {
        ('K', Dialect::Postgres) => format!("'{}'::text", key(500)),
        ('K', _) => format!("'{}'", key(500)),
        ('D', _) => "'x'".to_owned(),
        ('O', Dialect::Sqlite) => "x'616e6e'".to_owned(),
        ('O', _) => "'ann'".to_owned(),
        ('W', _) => "0".to_owned(),
        ('A', _) => format!("'{{{},{}}}'::text[]", key(500), key(501)),
        ('T', _) => "'{x,y}'::text[]".to_owned(),
        ('I', _) => "'{5,5}'::bigint[]".to_owned(),
        ('B', _) => "'{NULL,NULL}'::bytea[]".to_owned(),
        _ => "5".to_owned(),
    };
    let kinds = bound(dialect, name).chars();
    if dialect == Dialect::MySql || !sql.contains("?1") && dialect == Dialect::Sqlite {
        kinds.fold(sql.to_owned(), |sql, kind| sql.replacen('?', &literal(kind), 1))
    } else {
        // From the last one, so that $1 is not found in $10.
        let mark = if dialect == Dialect::Sqlite { '?' } else { '$' };
        let mut numbered: Vec<_> = kinds.enumerate().collect();
        numbered.reverse();
        numbered
            .into_iter()
            .fold(sql.to_owned(), |sql, (n, kind)| sql.replace(&format!("{mark}{}", n + 1), &literal(kind)))
    }
}

async fn fill(place: &Place) {
    let store = place.open().await;
    for n in 0..1_000 {
        let mut record = if n % 10 == 0 { owned("x", &format!("ann {n}")) } else { record("x") };
        record.accessed_at = at(i64::try_from(n).unwrap());
        record.expires_at = at(i64::try_from(n + 1_000).unwrap());
        store.save(&key(n), &record, Expect::Absent, at(0)).await.unwrap();
    }
    place
        .run(if place.dialect == Dialect::MySql { "analyze table sessions" } else { "analyze sessions" })
        .await;
}

#[tokio::test]
async fn every_call_uses_an_index() {
    each(&ALL, async |place| {
        fill(place).await;
        for (name, sql) in statements(place.dialect) {
            let plan = plan(place, &filled(place.dialect, name, &sql)).await;
            assert!(!scans(place.dialect, &plan), "{:?}: {name}: {plan:?}", place.dialect);
        }
        // A plan that does scan is known as one.
        let scan = plan(place, "SELECT data FROM sessions WHERE data = 'x'").await;
        assert!(scans(place.dialect, &scan), "{scan:?}");
    })
    .await;
}

#[tokio::test]
async fn every_call_finds_an_index_in_a_small_table_that_nobody_has_analyzed() {
    each(&ALL, async |place| {
        place.open().await;
        place.fill(Fill { count: 8, ..FILL }).await;
        for (name, sql) in statements(place.dialect) {
            let plan = plan_but_of_a_scan(place, &filled(place.dialect, name, &sql)).await;
            assert!(!scans(place.dialect, &plan), "{:?}: {name}: {plan:?}", place.dialect);
        }
        let scan = plan_but_of_a_scan(place, "SELECT data FROM sessions WHERE data = 'x'").await;
        assert!(scans(place.dialect, &scan), "{scan:?}");
    })
    .await;
}

async fn plan(place: &Place, sql: &str) -> Vec<Vec<String>> {
    let explain = if place.dialect == Dialect::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    place.rows(&format!("{explain} {sql}")).await
}

/// Returns a plan that scans the table only where there is no other: PostgreSQL reads a small table as a whole, because nothing
/// is faster, unless it is told not to.
async fn plan_but_of_a_scan(place: &Place, sql: &str) -> Vec<Vec<String>> {
    if place.dialect != Dialect::Postgres {
        return plan(place, sql).await;
    }
    place.rows(&format!("begin; set local enable_seqscan = off; explain {sql}; rollback")).await
}

fn scans(dialect: Dialect, plan: &[Vec<String>]) -> bool {
    match dialect {
        // The rows that are bound to a statement are scanned, too.
        Dialect::Sqlite => {
            plan.iter().any(|row| ["SCAN sessions", "SCAN old"].iter().any(|scan| row[3].starts_with(scan)))
        }
        Dialect::Postgres => plan.iter().any(|row| row[0].contains("Seq Scan")),
        // The column `type` of a plan: ALL reads the table, index reads an index from end to end. The rows that are bound to
        // a statement are read as a whole, too.
        _ => plan.iter().any(|row| !row[2].starts_with('<') && matches!(row[3].as_str(), "ALL" | "index")),
    }
}
