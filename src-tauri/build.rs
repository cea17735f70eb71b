//! Embeds the page and compiles the access rules, which live below `src-tauri/`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in ["src-tauri/capabilities", "src-tauri/permissions", "ui", "icons", "tauri.conf.json"] {
        println!("cargo:rerun-if-changed={path}");
    }
    // The loader looks for each of the engine's hundred thousand names in one library after the other: in its own first.
    for engine in ["javascriptcoregtk-4.1", "webkit2gtk-4.1"] {
        println!("cargo:rustc-link-lib=dylib={engine}");
    }
    let manifest =
        tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*.toml");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(manifest);
    Ok(tauri_build::try_build(attributes)?)
}
