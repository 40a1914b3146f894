"""Documents that citizens upload: checked, scanned, encrypted and stored."""
