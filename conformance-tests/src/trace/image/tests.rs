//! Each rule of what is left when the power goes, on a disk that plays a few lines of strace.

use super::{
    played::{FILE_THAT_LASTS, SEEDS, STORE, disk, files, left, play},
    *,
};

#[test]
fn bytes_last_from_the_sync_of_their_file_on() {
    let mut disk = disk(&[FILE_THAT_LASTS, r#"1 write(5</nowhere/store/a>, "new", 3) = 3"#]);
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "")]));
    assert_eq!(left(&disk, Luck::Names), files([("a", "")]));
    assert_eq!(left(&disk, Luck::Bytes), files([("a", "new")]));
    play(&mut disk, "1 fsync(4</nowhere/store>) = 0");
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "")]), "the sync of a folder syncs no bytes");
    play(&mut disk, "1 fdatasync(5</nowhere/store/a>) = 0");
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "new")]));
}

#[test]
fn names_last_from_the_sync_of_their_folder_on() {
    let mut disk = disk(&[r#"
1 openat(AT_FDCWD</>, "/nowhere/store/a", O_RDWR|O_CREAT, 0600) = 5</nowhere/store/a>
1 write(5</nowhere/store/a>, "new", 3) = 3
1 fsync(5</nowhere/store/a>) = 0
1 fsync(3</nowhere>) = 0"#]);
    assert_eq!(left(&disk, Luck::Nothing), files([]));
    assert_eq!(left(&disk, Luck::Bytes), files([]));
    assert_eq!(left(&disk, Luck::Names), files([("a", "new")]));
    play(&mut disk, "1 fsync(4</nowhere/store>) = 0\n1 unlink(\"/nowhere/store/a\") = 0");
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "new")]), "what was removed is back");
    play(&mut disk, "1 fsync(4</nowhere/store>) = 0");
    assert_eq!(left(&disk, Luck::Nothing), files([]));
}

#[test]
fn what_is_in_a_new_folder_lasts_when_both_folders_are_synced() {
    let mut disk = disk(&[r#"
1 mkdir("/nowhere/store/ab", 0700) = 0
1 openat(AT_FDCWD</>, "/nowhere/store/ab/a", O_RDWR|O_CREAT, 0600) = 5</nowhere/store/ab/a>
1 fsync(6</nowhere/store/ab>) = 0"#]);
    assert_eq!(left(&disk, Luck::Nothing), files([]));
    play(&mut disk, "1 fsync(4</nowhere/store>) = 0");
    assert_eq!(left(&disk, Luck::Nothing), files([("ab", ""), ("ab/a", "")]));
}

#[test]
fn a_sync_is_about_what_came_before_it_began() {
    let mut disk = disk(&[
        FILE_THAT_LASTS,
        r#"
1 write(5</nowhere/store/a>, "one", 3) = 3
2 fsync(5</nowhere/store/a> <unfinished ...>
1 write(5</nowhere/store/a>, "two", 3) = 3
2 <... fsync resumed>) = 0"#,
    ]);
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "one")]));
    play(&mut disk, "1 syncfs(5</nowhere/store/a>) = 0");
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "onetwo")]));
}

#[test]
fn both_halves_of_a_rename_share_a_fate() {
    let disk = disk(&[r#"
1 mkdir("/nowhere/store/x", 0700) = 0
1 mkdir("/nowhere/store/y", 0700) = 0
1 openat(AT_FDCWD</>, "/nowhere/store/x/a", O_RDWR|O_CREAT, 0600) = 5</nowhere/store/x/a>
1 syncfs(5</nowhere/store/x/a>) = 0
1 rename("/nowhere/store/x/a", "/nowhere/store/y/b") = 0"#]);
    let names = |luck| left(&disk, luck).into_keys().collect::<Vec<_>>();
    let ends: std::collections::BTreeSet<_> = (0..SEEDS).map(|seed| names(Luck::Mixed(seed))).collect();
    let (before, after) = (["x", "x/a", "y"].map(str::to_owned), ["x", "y", "y/b"].map(str::to_owned));
    assert_eq!(ends, [before.to_vec(), after.to_vec()].into());
}

#[test]
fn a_rename_puts_one_file_in_the_place_of_another() {
    let mut disk = disk(&[
        FILE_THAT_LASTS,
        r#"
1 write(5</nowhere/store/a>, "old", 3) = 3
1 fsync(5</nowhere/store/a>) = 0
1 openat(AT_FDCWD</>, "/nowhere/store/b", O_RDWR|O_CREAT, 0600) = 6</nowhere/store/b>
1 write(6</nowhere/store/b>, "new", 3) = 3
1 renameat2(AT_FDCWD</>, "/nowhere/store/b", AT_FDCWD</>, "/nowhere/store/a", 0) = 0"#,
    ]);
    assert_eq!(left(&disk, Luck::Everything), files([("a", "new")]));
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "old")]));
    assert_eq!(left(&disk, Luck::Names), files([("a", "")]), "renamed before its bytes were synced");
    play(&mut disk, "1 fsync(6</nowhere/store/a>) = 0\n1 fsync(4</nowhere/store>) = 0");
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "new")]));
}

#[test]
fn only_sectors_that_were_not_synced_are_torn_or_zero() {
    let (old, new) = ("o".repeat(1_024), "n".repeat(1_536));
    let disk = disk(&[
        FILE_THAT_LASTS,
        &format!("1 write(5</nowhere/store/a>, \"{old}\", 1024) = 1024\n1 fsync(5</nowhere/store/a>) = 0"),
        &format!("1 pwrite64(5</nowhere/store/a>, \"{new}\", 1536, 512) = 1536"),
    ]);
    let mut ends = std::collections::BTreeSet::new();
    for seed in 0..SEEDS {
        let bytes = left(&disk, Luck::Mixed(seed)).remove("a").unwrap();
        assert!(bytes.len().is_multiple_of(SECTOR), "{} bytes are left", bytes.len());
        let sectors: Vec<&str> =
            (0..bytes.len() / SECTOR).map(|at| &bytes[at * SECTOR..][..SECTOR]).collect();
        let kinds: String = sectors.iter().map(|sector| &sector[..1]).collect();
        assert!(
            sectors.iter().all(|sector| sector.bytes().all(|byte| byte == sector.as_bytes()[0])),
            "{kinds}"
        );
        ends.insert(kinds);
    }
    let expected = ["oo", "on", "onn", "onnn", "oo\0\0"].map(str::to_owned);
    assert_eq!(ends, expected.into());
}

#[test]
fn a_link_is_another_name_of_the_same_bytes() {
    let disk = disk(&[
        FILE_THAT_LASTS,
        r#"
1 linkat(AT_FDCWD</>, "/nowhere/store/a", AT_FDCWD</>, "/nowhere/store/b", 0) = 0
1 write(5</nowhere/store/a>, "new", 3) = 3
1 fsync(5</nowhere/store/a>) = 0"#,
    ]);
    assert_eq!(left(&disk, Luck::Everything), files([("a", "new"), ("b", "new")]));
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "new")]));
    let mut unlinked = disk;
    play(&mut unlinked, "1 unlink(\"/nowhere/store/a\") = 0\n1 fsync(4</nowhere/store>) = 0");
    assert_eq!(left(&unlinked, Luck::Nothing), files([("b", "new")]));
}

#[test]
fn a_file_without_a_name_gets_one_by_a_link() {
    for link in [
        r#"1 linkat(AT_FDCWD</>, "/proc/self/fd/5", AT_FDCWD</>, "/nowhere/store/a", AT_SYMLINK_FOLLOW) = 0"#,
        r#"1 linkat(5</nowhere/store/#7 (deleted)>, "", AT_FDCWD</>, "/nowhere/store/a", AT_EMPTY_PATH) = 0"#,
    ] {
        let mut disk = disk(&[r#"
1 openat(AT_FDCWD</>, "/nowhere/store", O_WRONLY|O_TMPFILE, 0600) = 5</nowhere/store/#7 (deleted)>
1 write(5</nowhere/store/#7 (deleted)>, "new", 3) = 3"#]);
        assert_eq!(left(&disk, Luck::Everything), files([]));
        play(&mut disk, link);
        assert_eq!(left(&disk, Luck::Everything), files([("a", "new")]));
        play(&mut disk, "1 fsync(4</nowhere/store>) = 0");
        assert_eq!(left(&disk, Luck::Nothing), files([("a", "")]));
        play(&mut disk, "1 fsync(5</nowhere/store/a>) = 0");
        assert_eq!(left(&disk, Luck::Nothing), files([("a", "new")]));
    }
}

#[test]
fn a_write_to_a_file_that_is_opened_so_lasts_alone() {
    let disk = disk(&[
        FILE_THAT_LASTS,
        r#"
1 openat(AT_FDCWD</>, "/nowhere/store/a", O_WRONLY|O_DSYNC) = 6</nowhere/store/a>
1 pwrite64(5</nowhere/store/a>, "plain", 5, 0) = 5
1 pwrite64(6</nowhere/store/a>, "sure", 4, 5) = 4
1 pwrite64(5</nowhere/store/a>, "PLAIN", 5, 0) = 5"#,
    ]);
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "\0\0\0\0\0sure")]));
    assert_eq!(left(&disk, Luck::Everything), files([("a", "PLAINsure")]));
}

#[test]
fn writes_go_where_the_file_was_left_or_to_its_end() {
    let disk = disk(&[
        FILE_THAT_LASTS,
        r#"
1 openat(AT_FDCWD</>, "/nowhere/store/a", O_WRONLY|O_APPEND) = 6</nowhere/store/a>
1 write(5</nowhere/store/a>, "abcdef", 6) = 6
1 write(6</nowhere/store/a>, "+", 1) = 1
1 lseek(5</nowhere/store/a>, 1, SEEK_SET) = 1
1 write(5</nowhere/store/a>, "B", 1) = 1
1 read(5</nowhere/store/a>, "cd", 2) = 2
1 write(5</nowhere/store/a>, "Exxx", 4) = 1
1 write(6</nowhere/store/a>, "+", 1) = 1"#,
    ]);
    assert_eq!(left(&disk, Luck::Everything), files([("a", "aBcdEf++")]));
}

#[test]
fn a_length_lasts_from_the_sync_of_its_file_on() {
    for cut in [
        "1 ftruncate(5</nowhere/store/a>, 2) = 0",
        "1 truncate(\"/nowhere/store/a\", 2) = 0",
        "1 openat(AT_FDCWD</>, \"/nowhere/store/a\", O_WRONLY|O_TRUNC) = 6</nowhere/store/a>\n\
         1 write(6</nowhere/store/a>, \"ol\", 2) = 2",
    ] {
        let mut disk = disk(&[
            FILE_THAT_LASTS,
            r#"
1 write(5</nowhere/store/a>, "old", 3) = 3
1 fsync(5</nowhere/store/a>) = 0"#,
        ]);
        play(&mut disk, cut);
        assert_eq!(left(&disk, Luck::Everything), files([("a", "ol")]));
        assert_eq!(left(&disk, Luck::Nothing), files([("a", "old")]));
        play(&mut disk, "1 fsync(5</nowhere/store/a>) = 0");
        assert_eq!(left(&disk, Luck::Nothing), files([("a", "ol")]));
    }
}

#[test]
fn after_a_sync_that_failed_a_later_one_says_nothing_about_the_same_bytes() {
    let mut disk = disk(&[
        FILE_THAT_LASTS,
        r#"
1 write(5</nowhere/store/a>, "lost", 4) = 4
1 fsync(5</nowhere/store/a>) = -1 EIO (Input/output error) (INJECTED)
1 fsync(5</nowhere/store/a>) = 0"#,
    ]);
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "")]));
    assert_eq!(left(&disk, Luck::Everything), files([("a", "lost")]));
    play(&mut disk, "1 pwrite64(5</nowhere/store/a>, \"kept\", 4, 0) = 4\n1 fsync(5</nowhere/store/a>) = 0");
    assert_eq!(left(&disk, Luck::Nothing), files([("a", "kept")]));
    assert_eq!(left(&disk, Luck::Everything), files([("a", "kept")]));
}

#[test]
fn what_changes_files_in_ways_that_are_not_known_is_noted() {
    for call in [
        "copy_file_range(6</elsewhere>, NULL, 5</nowhere/store/a>, NULL, 9, 0) = 9",
        "io_uring_enter(3<x>) = 0",
    ] {
        let mut disk = disk(&[FILE_THAT_LASTS]);
        assert_eq!(disk.unknown, None);
        play(&mut disk, &format!("1 {call}"));
        assert!(disk.unknown.is_some(), "{call}");
    }
}

#[test]
fn what_is_left_is_laid_out_where_another_store_looks_for_it() {
    let folder = crate::namespace::Namespace::unique("image").unwrap();
    let place = folder.folder().join("elsewhere");
    let disk = disk(&[FILE_THAT_LASTS, "1 mkdir(\"/nowhere/store/ab\", 0700) = 0"]);
    Image::of(&disk, Luck::Everything).lay_out(Path::new(STORE), &place).unwrap();
    assert!(place.join("ab").is_dir() && place.join("a").is_file());
    Image::of(&disk, Luck::Nothing).lay_out(Path::new(STORE), &place).unwrap();
    assert!(!place.join("ab").exists() && place.join("a").is_file());
    folder.remove_folder();
}
