"""The language of the window: our own catalogue and that of Qt's own dialogs, changed while running."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from console.errors import QT_TRANSLATE_NOOP, RESOURCES, ConsoleError

SOURCE_LANGUAGE = "en"
_installed: list[QTranslator] = []


def install(app: QCoreApplication, language: str) -> None:
    """Show texts that are translated from now on in `language` (``zh_CN`` or ``en``).

    Raises:
        ConsoleError: the catalogue is missing.
    """
    while _installed:
        translator = _installed.pop()
        app.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(QLocale(language))
    if language == SOURCE_LANGUAGE:
        return
    qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in (("qtbase", qt_folder), ("console", str(RESOURCES / "translations"))):
        translator = QTranslator(app)
        if not translator.load(f"{name}_{language}", folder):
            raise ConsoleError(
                QT_TRANSLATE_NOOP("errors", "The translation {name} is missing. Install the program anew."),
                name=f"{name}_{language}.qm",
            )
        app.installTranslator(translator)
        _installed.append(translator)
