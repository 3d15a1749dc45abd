using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the buttons of a recipient's own page do. Each is a form that is posted with the page's token: opening an address never does anything.</summary>
internal static class RecipientActRoutes
{
    private const string Page = "/quarantine/{link}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenAct(Page + "/language", LanguageAsync);
        routes.MapOpenAct(Page + "/{held}/release", static act => DoAsync(
            act, static (desk, who, held, form) => desk.ReleaseAsync(who, held, form.Checked("allow"), form.CancellationToken), new("It is released and on its way to you.", "解放しました。まもなく届きます。")));
        routes.MapOpenAct(Page + "/{held}/request", static act => DoAsync(
            act, static (desk, who, held, form) => desk.RequestAsync(who, held, form.CancellationToken), new("Your administrator is asked to release it.", "管理者に解放を申請しました。")));
        routes.MapOpenAct(Page + "/{held}/delete", static act => DoAsync(
            act, static (desk, who, held, form) => desk.DeleteAsync(who, held, form.CancellationToken), new("It is deleted.", "削除しました。")));
        routes.MapOpenAct(Page + "/{held}/block", BlockAsync);
    }

    private static async ValueTask<ActResult> DoAsync(Act act, Func<HeldDesk, HeldActor, string, Act, ValueTask<Outcome<HeldRow>>> run, LocalizedText done)
    {
        if (await EnterAsync(act) is not { Who: { } who })
        {
            return Closed(act);
        }

        var outcome = await run(act.Service<HeldDesk>(), who, act.Route("held"), act);
        return outcome.Ok ? act.Done("/quarantine/" + act.Route("link"), done) : act.Refused(outcome.Refusal);
    }

    private static async ValueTask<ActResult> BlockAsync(Act act)
    {
        if (await EnterAsync(act) is not { Who: { } who })
        {
            return Closed(act);
        }

        var ruled = await act.Service<HeldDesk>().BlockAsync(who, act.Route("held"), SenderScope.Recipient, act.CancellationToken);
        return ruled.Ok
            ? act.Done($"/quarantine/{act.Route("link")}/{act.Route("held")}", new("{0} is blocked for you.", "{0} からのメールを拒否します。"), ruled.Value.Sender)
            : act.Refused(ruled.Refusal);
    }

    private static async ValueTask<ActResult> LanguageAsync(Act act)
    {
        if (await EnterAsync(act) is not { Link: { } link })
        {
            return Closed(act);
        }

        var language = act.OneOf("language", "en", "ja");
        if (!act.Ok)
        {
            return act.Refused();
        }

        await act.Service<RecipientDoor>().ChooseLanguageAsync(link, language, act.CancellationToken);
        return act.Done("/quarantine/" + act.Route("link"), language == "ja" ? new("The list comes in Japanese from now on.", "今後、一覧メールを日本語で送ります。") : new("The list comes in English from now on.", "今後、一覧メールを英語で送ります。"));
    }

    private static async ValueTask<RecipientVisit?> EnterAsync(Act act)
    {
        var visit = await act.Service<RecipientDoor>().EnterAsync(act.Route("link"), act.Http.Connection.RemoteIpAddress, acts: true, act.CancellationToken);
        return visit.State == LinkState.Good ? visit : null;
    }

    internal static ActResult Closed(Act act) => act.Missing(new(
        "This link is too old, is not whole, or was used too much in the last minute. Open the newest list again.", "リンクが期限切れか不完全、または短時間に操作が集中しました。最新の一覧メールから開き直してください。"));
}
