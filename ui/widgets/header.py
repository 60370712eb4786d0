"""What stands above every screen: the library's name, the languages, and what does not work just now."""

from __future__ import annotations

from kivy.properties import ListProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui import style
from ui.widgets.buttons import Offer, Touchable


class LanguageButton(Touchable):
    """One language, in that language; the one in use has a check mark."""

    label = StringProperty("")
    icon = StringProperty("")

    def show(self, offer: Offer) -> None:
        """Show *offer*."""
        self.id, self.label, self.icon, self.is_enabled = offer.id, offer.label, offer.icon, offer.is_enabled
        self.on_state()

    def on_state(self, *_: object) -> None:
        """Show that a finger is on it, and whether it is the language in use."""
        unpressed = style.BRAND_TINT if self.icon else style.CARD
        self.ground = style.PRESSED if self.state == "down" else unpressed
        self.edge = style.BRAND if self.icon else style.HAIRLINE


class Header(BoxLayout):
    """Library and languages."""

    library = StringProperty("")
    languages = ListProperty()
    choose = ObjectProperty(None, allownone=True)

    def on_languages(self, *_: object) -> None:
        """Show one button per language, keeping the buttons while the languages stay."""
        switch = self.ids.switch
        known = [button.id for button in reversed(switch.children)]
        if known != [offer.id for offer in self.languages]:
            switch.clear_widgets()
            for _ in self.languages:
                switch.add_widget(LanguageButton(choose=lambda choice: self.choose and self.choose(choice)))
        for button, offer in zip(reversed(switch.children), self.languages, strict=True):
            button.show(offer)


class NoticeBar(BoxLayout):
    """One thing that does not work, and what to do instead."""

    sentence = StringProperty("")


class Notices(BoxLayout):
    """Everything that does not work, one bar each."""

    notices = ListProperty()

    def on_notices(self, *_: object) -> None:
        """Show one bar per notice."""
        self.clear_widgets()
        for sentence in self.notices:
            self.add_widget(NoticeBar(sentence=sentence))
