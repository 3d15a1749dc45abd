using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Mail.Teach;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What "spam" and "not spam" do, on the page of a held message, of a message in the trace, and on a recipient's own page.</summary>
internal static class TeachActs
{
    private static readonly LocalizedText LearnedSpam = new("It is learned as spam.", "迷惑メールとして学習しました。");
    private static readonly LocalizedText LearnedHam = new("It is learned as no spam.", "迷惑メールではないものとして学習しました。");
    private static readonly LocalizedText KnownAlready = new("You had said so before: nothing changed.", "すでに同じ申告があるため、変更はありません。");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/mail/quarantine/{held}/teach", MailPermissions.QuarantineWrite, static act => SayAsync(
            act, "/console/mail/quarantine/" + act.Route("held"), isSpam => act.Service<TeachDesk>().OfHeldAsync(new HeldActor(act.Caller, null), act.Route("held"), isSpam, act.CancellationToken)));
        routes.MapAct("/console/mail/messages/{id}/teach", MailPermissions.QuarantineWrite, static act => SayAsync(
            act, "/console/mail/messages/" + act.Route("id"), isSpam => act.Service<TeachDesk>().OfMessageAsync(act.Caller, act.Route("id"), isSpam, act.CancellationToken)));
        routes.MapOpenAct("/quarantine/{link}/{held}/teach", OfRecipientAsync);
    }

    private static async ValueTask<ActResult> OfRecipientAsync(Act act)
    {
        var visit = await act.Service<RecipientDoor>().EnterAsync(act.Route("link"), act.Http.Connection.RemoteIpAddress, acts: true, act.CancellationToken);
        return visit is { State: LinkState.Good, Who: { } who }
            ? await SayAsync(act, $"/quarantine/{act.Route("link")}/{act.Route("held")}", isSpam => act.Service<TeachDesk>().OfHeldAsync(who, act.Route("held"), isSpam, act.CancellationToken))
            : RecipientActRoutes.Closed(act);
    }

    private static async ValueTask<ActResult> SayAsync(Act act, string page, Func<bool, ValueTask<Outcome<Taught>>> say)
    {
        var what = act.OneOf("as", "spam", "not-spam");
        if (!act.Ok)
        {
            return act.Refused();
        }

        var taught = await say(what == "spam");
        return taught.Ok ? act.Done(page, !taught.Value.Changed ? KnownAlready : taught.Value.IsSpam ? LearnedSpam : LearnedHam) : act.Refused(taught.Refusal);
    }
}
