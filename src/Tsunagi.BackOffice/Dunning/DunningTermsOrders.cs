using System.Globalization;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>Changes the operator's terms and calendar; each change is audited whole.</summary>
internal sealed class DunningTermsOrders(Stores stores, DunningReader reader, ChangeRecorder changes, TimeProvider time)
{
    public const int MaxHolidays = 2_000, MaxHolidayName = 100;
    private const string Subject = "dunning";

    public async ValueTask<Outcome<DunningFrame>> SetAsync(Caller caller, DunningTerms wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator || caller.IsToken)
        {
            return caller.IsOperator ? new Refusal(RefusalKind.Forbidden, "backoffice.dunning.person", "the terms of dunning are changed by one of the provider's people, signed in") : DunningOrders.NotOperator;
        }

        if (wanted.Stages is null)
        {
            return Refusal.Invalid("backoffice.dunning.stages", "stages", "there are no stages", $"1 to {DunningTerms.MaxStages}");
        }

        if (wanted.Check() is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync<Outcome<DunningFrame>>(
            async transaction =>
            {
                var before = await reader.FrameAsync(transaction);
                if ((ifVersion ?? before.Version) != before.Version)
                {
                    return Refusal.Stale(before.Version);
                }

                await transaction.ExecuteAsync(
                    """
                    INSERT INTO bo_dunning_terms (id, version, content, changed_at, changed_by) VALUES ('terms', @Version, @Content, @Now, @By)
                    ON CONFLICT (id) DO UPDATE SET version = excluded.version, content = excluded.content, changed_at = excluded.changed_at, changed_by = excluded.changed_by
                    """,
                    new { Version = before.Version + 1, Content = StoredJson.Write(wanted), Now = time.NowMicros(), By = caller.ActorName });
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.DunningTermsChanged, Subject, caller.Scope.Path, before.Terms, wanted);
                return await reader.FrameAsync(transaction);
            },
            cancellationToken);
    }

    /// <summary>Puts the holidays of the years named in the list in place of those years' before; other years stay.</summary>
    public async ValueTask<Outcome<IReadOnlyList<Holiday>>> SetHolidaysAsync(Caller caller, IReadOnlyList<Holiday> wanted, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return DunningOrders.NotOperator;
        }

        if (wanted.Count is 0 or > MaxHolidays || wanted.Select(static each => each?.Day).Distinct().Count() != wanted.Count)
        {
            return Refusal.Invalid("backoffice.holidays.many", "holidays", "there is no holiday, too many, or one day twice", $"1 to {MaxHolidays} days");
        }

        foreach (var each in wanted)
        {
            if (!DateOnly.TryParseExact(each.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || each.Name is null || each.Name.Length > MaxHolidayName || each.Name.Any(char.IsControl))
            {
                return Refusal.Invalid("backoffice.holidays.day", "holidays", $"\"{each.Day}\" is no date, or its name is too long", $"YYYY-MM-DD and a name of at most {MaxHolidayName} characters");
            }
        }

        return await stores.Control.WriteAsync<Outcome<IReadOnlyList<Holiday>>>(
            async transaction =>
            {
                var years = wanted.Select(static each => each.Day[..4]).Distinct().ToArray();
                var before = await transaction.QueryAsync<Holiday>("SELECT day, name FROM bo_holiday WHERE substr(day, 1, 4) IN @Years ORDER BY day", new { Years = years });
                await transaction.ExecuteAsync("DELETE FROM bo_holiday WHERE substr(day, 1, 4) IN @Years", new { Years = years });
                foreach (var each in wanted)
                {
                    await transaction.ExecuteAsync("INSERT INTO bo_holiday (day, name) VALUES (@Day, @Name)", each);
                }

                await changes.RecordAsync(transaction, caller, BackOfficeEvents.HolidaysChanged, Subject, caller.Scope.Path, before, wanted);
                return Outcome.Of(await transaction.QueryAsync<Holiday>("SELECT day, name FROM bo_holiday ORDER BY day"));
            },
            cancellationToken);
    }

    /// <summary>Puts a booking aside: a person looked at it and it is no payment that anybody owes.</summary>
    public async ValueTask<Outcome<LeftRow>> DismissAsync(Caller caller, string key, string reason, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return DunningOrders.NotOperator;
        }

        if (reason.Length is 0 or > DunningOrders.MaxReason)
        {
            return Refusal.Invalid("backoffice.dunning.reason", "reason", "why it is put aside is not said, or at too great length", $"1 to {DunningOrders.MaxReason} characters");
        }

        return await stores.Control.WriteAsync<Outcome<LeftRow>>(
            async transaction =>
            {
                if ((await DunningReader.PerhapsPaidAsync(transaction)).FirstOrDefault(each => each.Key == key) is not { } row)
                {
                    return Refusal.NotFound("booking", key);
                }

                await transaction.ExecuteAsync("UPDATE bo_bank_left SET dismissed_at = @Now, dismissed_by = @By WHERE booking = @Key", new { Now = time.NowMicros(), By = caller.ActorName, Key = key });
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.BookingDismissed, row.AccountId ?? Subject, caller.Scope.Path, row, null, "{}", reason);
                return row;
            },
            cancellationToken);
    }
}
