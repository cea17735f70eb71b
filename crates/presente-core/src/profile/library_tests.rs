use super::*;
use proptest::prelude::*;

const SHORTEST: &str = "name = \"mine\"\n[roster]\nsnapshot = [\"people\"]\nlist = [\"\"]\n";

fn named(name: &str) -> Profile {
    Profile { name: name.to_owned(), ..Profile::from_toml(SHORTEST).unwrap() }
}

fn names(library: &Library) -> Vec<&str> {
    library.all().map(|profile| profile.name.as_str()).collect()
}

#[test]
fn without_a_folder_there_are_the_presets() {
    let nowhere = tempfile::tempdir().unwrap().path().join("deep/er");
    for folder in [None, Some(nowhere.as_path())] {
        let (library, problems) = Library::load(folder);
        assert_eq!(names(&library), PRESETS.map(|(name, _)| name));
        assert_eq!(problems, []);
        assert_eq!(library.get("nickname").unwrap().name, "nickname");
        assert!(library.get("nobody's").is_none());
    }
    assert!(matches!(Library::load(None).0.save(&named("x")), Err(SaveError::NoFolder)));
}

#[test]
fn the_users_own_come_first_and_replace_presets_of_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    write("b.toml", SHORTEST);
    write("c.toml", &SHORTEST.replace("mine", "nickname"));
    write("notes.txt", "no profile");
    write(".b.toml", "no profile");
    let (library, problems) = Library::load(Some(folder.path()));
    assert_eq!(names(&library), ["mine", "nickname", "usersconected", "usuarios-activos"]);
    assert_eq!(library.get("nickname").unwrap().roster.snapshot, ["people"]);
    assert!(library.is_own("nickname") && !library.is_own("usersconected"));
    assert_eq!(problems, []);
}

#[test]
fn a_bad_file_is_left_out_and_told_of_with_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let file = |file: &str| folder.path().join(file);
    std::fs::write(file("a.toml"), SHORTEST).unwrap();
    std::fs::write(file("b.toml"), SHORTEST).unwrap();
    std::fs::write(file("c.toml"), SHORTEST.replace("snapshot", "snapshots")).unwrap();
    std::fs::write(file("d.toml"), b"\xff\xfe").unwrap();
    std::fs::write(file("e.toml"), "x".repeat(2 * 1024 * 1024)).unwrap();
    let (library, problems) = Library::load(Some(folder.path()));
    assert_eq!(library.all().filter(|profile| library.is_own(&profile.name)).count(), 1);
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    for (told, words) in told.iter().zip([
        ["b.toml", "name", "mine"],
        ["c.toml", "line 3", "roster.snapshots"],
        ["d.toml", "UTF-8", ""],
        ["e.toml", "1 MiB", ""],
    ]) {
        assert!(words.iter().all(|word| told.contains(word)), "{told} lacks one of {words:?}");
    }
    assert_eq!(told.len(), 4);
}

#[test]
fn what_is_saved_is_there_now_and_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("profiles");
    let (mut library, _) = Library::load(Some(&inside));
    let file = library.save(&named("The Café / 2")).unwrap();
    assert_eq!(file, inside.join("the-café-2.toml"));
    let again = Profile { roster: named("x").roster, ..named("The Café / 2") };
    assert_eq!(library.save(&again).unwrap(), file, "its own file is replaced");
    for library in [library, Library::load(Some(&inside)).0] {
        assert_eq!(*library.get("The Café / 2").unwrap(), again);
    }
    assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 1, "nothing is left over");
}

#[test]
fn the_file_of_another_profile_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, _) = Library::load(Some(folder.path()));
    let first = library.save(&named("a b")).unwrap();
    let second = library.save(&named("a/b")).unwrap();
    assert_eq!(
        (first.file_name(), second.file_name()),
        (Some(OsStr::new("a-b.toml")), Some(OsStr::new("a-b-2.toml")))
    );
    let broken = "name = \"a b\" and more";
    std::fs::write(&first, broken).unwrap();
    let third = library.save(&named("a b")).unwrap();
    assert_eq!(third.file_name(), Some(OsStr::new("a-b-3.toml")));
    assert_eq!(std::fs::read_to_string(&first).unwrap(), broken);
}

#[test]
fn what_could_not_be_read_again_is_not_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (mut library, _) = Library::load(Some(folder.path()));
    assert!(matches!(library.save(&named(" ")), Err(SaveError::Profile(ProfileError::Mistaken(_)))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    std::fs::write(folder.path().join("file"), "").unwrap();
    let (mut library, problems) = Library::load(Some(&folder.path().join("file")));
    assert_eq!(problems.len(), 1);
    assert!(matches!(library.save(&named("x")), Err(SaveError::File { .. })));
}

proptest! {
    #[test]
    fn any_name_makes_a_file_in_the_folder(name in "\\PC*|[./\\\\ :-]{0,8}|(?i)(con|com1|LPT9|nul)|.{60,80}") {
        let stem = file_stem(&name);
        prop_assert!(!stem.is_empty() && stem.chars().count() <= MAX_FILE_NAME_CHARS + 8);
        prop_assert!(stem.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_' || !c.is_ascii()), "{stem}");
        prop_assert!(!stem.contains(['/', '\\', '.', ':', '\0']));
        prop_assert!(!["con", "nul", "com1", "lpt9"].contains(&stem.as_str()));
    }
}
