"""The models of ``history``; loaded when Django is set up."""

from django.db import models
from simple_history.models import HistoricalRecords


class Report(models.Model):  # type: ignore[misc]  # Django has no types
    """A development's present row."""

    id = models.CharField(primary_key=True, max_length=64)
    status = models.CharField(max_length=20)
    verification = models.CharField(max_length=20, default="reported")
    content = models.TextField()
    history = HistoricalRecords(history_user_id_field=models.IntegerField(null=True))

    class Meta:
        """Django's options."""

        app_label = "peers"


class Slot(models.Model):  # type: ignore[misc]  # as above
    """A slot's present answer, JSON; no row where nothing stands."""

    name = models.CharField(primary_key=True, max_length=200)
    answer = models.TextField()
    history = HistoricalRecords(history_user_id_field=models.IntegerField(null=True))

    class Meta:
        """Django's options."""

        app_label = "peers"
