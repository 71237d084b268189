"""`:view save NAME` keeps what is listed as a view of one's own; `:view NAME` shows any view, keyless ones too."""

from __future__ import annotations

from escaltui import keys
from escaltui.faces import View
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.places import PlaceScreen

SAVE = "save"


class OwnViews(PlaceScreen):
    """For the screen that lists views."""

    views: tuple[View, ...]

    def show_view(self, view: View) -> None:
        """List a view."""

    def show_views(self) -> None:
        """Draw the views anew."""

    def _commands(self) -> list[keys.Action]:
        return [keys.BY_ID["view"], *super()._commands()]

    def act_view(self, argument: str = "") -> None:
        word, _space, name = argument.partition(" ")
        if word == SAVE:
            self._save(name.strip())
            return
        wanted = argument.strip().lower()
        view = next((view for view in self.views if wanted in (view.id.lower(), view.title.lower(), view.key)), None)
        if view is not None and wanted:
            self.show_view(view)
        else:
            known = ", ".join(view.id for view in self.views)
            self.fail(
                _("Write :view save NAME to keep what is listed, or :view and one of {known}.").format(known=known)
            )

    def _save(self, name: str) -> None:
        listed = self.app.listed

        def saved(view: View) -> None:
            self.views = self.app.bench.views()
            self.show_views()
            self.wrote()  # the list is read again, and the views are counted with it
            said = _("Kept as a view: {title}. :view {name} shows it, escaltui ls {name} too.")
            self.say(own(said.format(title=view.title, name=view.id)), "done")

        self.write(lambda bench: bench.save_view(name, listed.query, listed.sort), saved)
