#!/bin/sh
# Makes every picture in this folder from the drawings in src/. Needs rsvg-convert and ImageMagick,
# and python3 for the icns file.
set -eu
cd "$(dirname "$0")"
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT

app() { # SIZE FILE: small sizes have a drawing of their own
  if [ "$1" -le 32 ]; then drawing=src/app-small.svg; else drawing=src/app.svg; fi
  rsvg-convert --width "$1" --height "$1" "$drawing" --output "$2"
}

for size in 16 24 32 48 64 128; do app "$size" "${size}x$size.png"; done
app 256 128x128@2x.png
app 512 icon.png

for state in online away busy offline disconnected; do
  rsvg-convert --width 44 --height 44 "src/tray-$state.svg" --output "tray-$state.png"
done

for size in 16 24 32 48 64 128 256 512 1024; do app "$size" "$parts/$size.png"; done
convert "$parts/16.png" "$parts/24.png" "$parts/32.png" "$parts/48.png" "$parts/64.png" "$parts/256.png" icon.ico

# An icns file is its parts one after the other, each with a name of four letters and its length.
python3 - "$parts" icon.icns <<'PYTHON'
import pathlib, struct, sys
parts, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
names = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic13": 256, b"ic08": 256, b"ic14": 512, b"ic09": 512, b"ic10": 1024}
chunks = b""
for name, size in names.items():
    data = (parts / f"{size}.png").read_bytes()
    chunks += name + struct.pack(">I", len(data) + 8) + data
out.write_bytes(b"icns" + struct.pack(">I", len(chunks) + 8) + chunks)
PYTHON
