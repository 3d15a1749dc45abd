using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Dunning;
using Tsunagi.BackOffice.Letters;
using Tsunagi.Ui.Forms;

namespace Tsunagi.BackOffice.Pages;

/// <summary>What the buttons and forms of dunning do.</summary>
internal static class DunningActs
{
    private const string Base = "/console/backoffice/dunning";
    private const string Letters = "/console/backoffice/letters";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Base + "/chosen", BackOfficePermissions.DunningRelease, ChosenAsync);
        routes.MapAct(Base + "/{proposal}/release", BackOfficePermissions.DunningRelease, ReleaseAsync);
        routes.MapAct(Base + "/{proposal}/skip", BackOfficePermissions.DunningRelease, SkipAsync);
        routes.MapAct(Base + "/rules", BackOfficePermissions.DunningTerms, RulesAsync);
        routes.MapAct(Base + "/stages/{stage}", BackOfficePermissions.DunningTerms, StageAsync);
        routes.MapAct(Base + "/holidays", BackOfficePermissions.DunningTerms, HolidaysAsync);
        routes.MapAct(Base + "/dismissals", BackOfficePermissions.PaymentWrite, DismissAsync);
        routes.MapAct(Letters + "/{letter}/send-again", BackOfficePermissions.DunningRelease, SendAgainAsync);
        routes.MapAct(Letters + "/{letter}/delivered", BackOfficePermissions.DunningRelease, DeliveredAsync);
    }

    private static async ValueTask<ActResult> ChosenAsync(Act act)
    {
        var chosen = act.Many("proposal").Distinct().Take(DunningOrders.MostAtOnce).ToList();
        if (chosen.Count == 0)
        {
            act.Wrong("", act.View[new("Choose at least one step.", "督促を選択してください。")]);
            return act.Refused();
        }

        var outcomes = await act.Service<DunningOrders>().ReleaseManyAsync(act.Caller, chosen, act.CancellationToken);
        if (outcomes.All(static each => !each.Outcome.Ok))
        {
            return act.Refused(outcomes[0].Outcome.Refusal!);
        }

        var done = outcomes.Count(static each => each.Outcome.Ok);
        return done == chosen.Count
            ? act.Done(Base, new("{0} steps are taken.", "{0}件を実施しました。"), done)
            : act.Done(Base, new("{0} of {1} steps are taken; the others were paid, done or stopped meanwhile.", "{1}件のうち{0}件を実施しました(残りは入金・実施・停止済み)。"), done, chosen.Count);
    }

    private static async ValueTask<ActResult> ReleaseAsync(Act act)
    {
        var done = await act.Service<DunningOrders>().ReleaseAsync(act.Caller, act.Route("proposal"), act.CancellationToken);
        return done.Ok ? act.Done(Base, new("The step is taken.", "督促を実施しました。")) : act.Refused(done.Refusal);
    }

    private static async ValueTask<ActResult> SkipAsync(Act act)
    {
        var reason = act.Required("reason", DunningOrders.MaxReason);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var done = await act.Service<DunningOrders>().SkipAsync(act.Caller, act.Route("proposal"), reason, act.CancellationToken);
        return done.Ok ? act.Done(Base, new("The step is skipped.", "督促を見送りました。")) : act.Refused(done.Refusal);
    }

    private static async ValueTask<ActResult> RulesAsync(Act act)
    {
        var (version, stale, least) = (Required(act, "version", 0, long.MaxValue), Required(act, "stale", 1, 30), Required(act, "least", 1, 1_000_000_000));
        var (keep, hour) = (Required(act, "keep", 0, 3_650), Required(act, "hour", 0, 23));
        var closed = (act.Text("closed", 1_000) ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return !act.Ok
            ? act.Refused()
            : await SetAsync(act, version, terms => terms with { StaleAfterBusinessDays = (int)stale, LeastMinor = least, KeepDataDays = (int)keep, AutomaticFromHour = (int)hour, ClosedBankAccounts = closed });
    }

    private static async ValueTask<ActResult> StageAsync(Act act)
    {
        var id = act.Route("stage");
        var (version, days) = (Required(act, "version", 0, long.MaxValue), Required(act, "days", 1, DunningTerms.MaxDays));
        var english = new LetterTemplate(act.Required("subjectEn", LetterTemplate.MaxSubject), act.Required("bodyEn", LetterTemplate.MaxBody));
        var japanese = new LetterTemplate(act.Required("subjectJa", LetterTemplate.MaxSubject), act.Required("bodyJa", LetterTemplate.MaxBody));
        if (!act.Ok)
        {
            return act.Refused();
        }

        var frame = await act.Service<DunningBook>().FrameAsync(act.CancellationToken);
        return !act.Caller.IsOperator || frame.Terms.Find(id) is null
            ? act.Missing(BackOfficeWords.DunningIsOurs)
            : await SetAsync(act, version, terms => terms with
            {
                Stages = [.. terms.Stages.Select(stage => stage.Id == id ? stage with { DaysAfterDue = (int)days, Automatic = act.Checked("automatic"), En = english, Ja = japanese } : stage)],
            });
    }

    private static async ValueTask<ActResult> SetAsync(Act act, long version, Func<DunningTerms, DunningTerms> change)
    {
        var frame = await act.Service<DunningBook>().FrameAsync(act.CancellationToken);
        var set = await act.Service<DunningTermsOrders>().SetAsync(act.Caller, change(frame.Terms), version, act.CancellationToken);
        return set.Ok ? act.Done(Base + "/terms", new("The terms are changed.", "条件を変更しました。")) : act.Refused(set.Refusal);
    }

    private static async ValueTask<ActResult> HolidaysAsync(Act act)
    {
        var days = act.Required("days", 4_000).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(',', 2, StringSplitOptions.TrimEntries)).Select(static parts => new Holiday(parts[0].Replace('/', '-'), parts.Length > 1 ? parts[1] : "")).ToList();
        if (!act.Ok)
        {
            return act.Refused();
        }

        var set = await act.Service<DunningTermsOrders>().SetHolidaysAsync(act.Caller, days, act.CancellationToken);
        return set.Ok ? act.Done(Base + "/terms", new("The holidays are entered.", "祝日を登録しました。")) : act.Refused(set.Refusal with { Field = "days" });
    }

    private static async ValueTask<ActResult> DismissAsync(Act act)
    {
        var (booking, reason) = (act.Required("booking"), act.Required("reason", DunningOrders.MaxReason));
        if (!act.Ok)
        {
            return act.Refused();
        }

        var done = await act.Service<DunningTermsOrders>().DismissAsync(act.Caller, booking, reason, act.CancellationToken);
        return done.Ok ? act.Done(Base, new("The booking is put aside.", "入金明細を対象外としました。")) : act.Refused(done.Refusal);
    }

    private static async ValueTask<ActResult> SendAgainAsync(Act act)
    {
        var done = await act.Service<LetterBook>().SendAgainAsync(act.Caller, act.Route("letter"), act.CancellationToken);
        return done.Ok ? act.Done($"{Letters}/{done.Value.Id}", new("It is tried again.", "再送します。")) : act.Refused(done.Refusal);
    }

    private static async ValueTask<ActResult> DeliveredAsync(Act act)
    {
        var note = act.Required("note", LetterBook.MaxNote);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var done = await act.Service<LetterBook>().DeliveredAsync(act.Caller, act.Route("letter"), note, act.CancellationToken);
        return done.Ok ? act.Done($"{Letters}/{done.Value.Id}", new("It is recorded as delivered.", "配達済みとして記録しました。")) : act.Refused(done.Refusal);
    }

    private static long Required(Act act, string field, long least, long most)
    {
        act.Required(field, 20);
        return act.Number(field, least, most) ?? 0;
    }
}
