"""The configuration: one TOML file that becomes typed settings, or a list of everything that is wrong with it.

`load` is the way in.  `sections.py` says what may be set and within which limits, `complaints.py` turns what does not
fit into sentences that name section, key, what was found and what is allowed, `secret_files.py` reads what must not
stand in the file itself.  `systemd/kiosk.example.toml` shows every setting.

Nothing here touches a device, a server or a wire.  pydantic is imported here and nowhere else, so whoever wants a
first frame soon imports this later.
"""

from kiosk.config.complaints import ConfigurationWrong
from kiosk.config.loading import Configuration, DeviceSettings, load
from kiosk.config.secret_files import read_secret

__all__ = ["Configuration", "ConfigurationWrong", "DeviceSettings", "load", "read_secret"]
