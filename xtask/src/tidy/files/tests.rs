use super::*;

#[test]
fn the_tree_of_this_repository_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let tree = Tree::walk(root).unwrap();
    assert!(tree.has("xtask/src/main.rs"));
    assert!(tree.has("xtask/src"));
    assert!(tree.has(""));
    assert!(!tree.has("xtask/src/nothing.rs"));
    assert!(!tree.files.iter().any(|path| path.starts_with(".git/")));
    assert!(!tree.files.iter().any(|path| path.starts_with("target/")));
    assert!(
        crate_folders(root)
            .unwrap()
            .contains(&"sinew-core".to_owned())
    );
}
