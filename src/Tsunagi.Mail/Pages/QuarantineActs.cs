using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Preview;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the buttons of the quarantine's pages do.</summary>
internal static class QuarantineActs
{
    private const string List = "/console/mail/quarantine";
    private const string Senders = "/console/mail/senders";
    private const int MostAtOnce = 200;
    private static readonly LocalizedText NoSuch = new("There is no such held message, or it is not yours to see.", "該当する隔離メールがないか、権限がありません。");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(List + "/chosen", MailPermissions.QuarantineWrite, ChosenAsync);
        routes.MapAct(List + "/{held}/release", MailPermissions.QuarantineWrite, ReleaseAsync);
        routes.MapAct(List + "/{held}/refuse", MailPermissions.QuarantineWrite, RefuseAsync);
        routes.MapAct(List + "/{held}/delete", MailPermissions.QuarantineWrite, DeleteAsync);
        routes.MapAct(List + "/{held}/block", MailPermissions.QuarantineWrite, BlockAsync);
        routes.MapAct(List + "/{held}/keep", MailPermissions.QuarantineWrite, KeepAsync);
        routes.MapAct(List + "/{held}/let-go", MailPermissions.QuarantineWrite, LetGoAsync);
        routes.MapAct(List + "/{held}/open", MailPermissions.ContentRead, OpenAsync);
        routes.MapAct(Senders, MailPermissions.QuarantineWrite, RuleAsync);
        routes.MapAct(Senders + "/{sender}/remove", MailPermissions.QuarantineWrite, UnruleAsync);
    }

    /// <summary>One act on all chosen rows; what cannot be done with one of them stands in nobody's way.</summary>
    private static async ValueTask<ActResult> ChosenAsync(Act act)
    {
        var which = act.OneOf("act", "release", "delete");
        var ids = act.Many("held").Distinct().Take(MostAtOnce).ToList();
        if (ids.Count == 0)
        {
            act.Wrong("", act.View[new("Choose at least one message.", "メールを選択してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var (desk, who, done, found) = (act.Service<HeldDesk>(), Who(act), 0, 0);
        foreach (var id in ids)
        {
            var outcome = which == "release" ? await desk.ReleaseAsync(who, id, false, act.CancellationToken) : await desk.DeleteAsync(who, id, act.CancellationToken);
            found += outcome.Refusal?.Kind == RefusalKind.NotFound ? 0 : 1;
            done += outcome.Ok ? 1 : 0;
        }

        return found == 0 ? act.Missing(NoSuch)
            : done == ids.Count ? act.Done(List, which == "release" ? new("{0} messages are released.", "{0}通を解放しました。") : new("{0} messages are deleted.", "{0}通を削除しました。"), done)
            : act.Done(List, new("{0} of {1} messages: the others had ended or are kept.", "{1}通のうち{0}通を処理しました(残りは終了済み、または保全中)。"), done, ids.Count);
    }

    private static async ValueTask<ActResult> ReleaseAsync(Act act) => Said(
        act, await act.Service<HeldDesk>().ReleaseAsync(Who(act), Held(act), act.Checked("allow"), act.CancellationToken), new("It is released and goes to its recipient.", "解放しました。宛先へ配送されます。"));

    private static async ValueTask<ActResult> RefuseAsync(Act act)
    {
        var reason = act.Required("reason", 300);
        return act.Ok
            ? Said(act, await act.Service<HeldDesk>().RefuseAsync(Who(act), Held(act), reason, act.CancellationToken), new("The request is refused.", "申請を却下しました。"))
            : act.Refused();
    }

    private static async ValueTask<ActResult> DeleteAsync(Act act) =>
        Said(act, await act.Service<HeldDesk>().DeleteAsync(Who(act), Held(act), act.CancellationToken), new("It is deleted.", "削除しました。"));

    private static async ValueTask<ActResult> BlockAsync(Act act)
    {
        var scope = act.OneOf("scope", "recipient", "domain", "tenant");
        if (!act.Ok)
        {
            return act.Refused();
        }

        var ruled = await act.Service<HeldDesk>().BlockAsync(Who(act), Held(act), ScopeOf(scope), act.CancellationToken);
        return ruled.Ok ? act.Done($"{List}/{Held(act)}", new("{0} is blocked.", "{0} を拒否しました。"), ruled.Value.Sender) : act.Refused(ruled.Refusal);
    }

    private static async ValueTask<ActResult> KeepAsync(Act act)
    {
        var reason = act.Required("reason", 300);
        return act.Ok
            ? Said(act, await act.Service<HeldDesk>().KeepAsync(Who(act), Held(act), reason, act.CancellationToken), new("It is kept until the legal hold is lifted.", "法的保全としました。解除するまで保管します。"))
            : act.Refused();
    }

    private static async ValueTask<ActResult> LetGoAsync(Act act) =>
        Said(act, await act.Service<HeldDesk>().LetGoAsync(Who(act), Held(act), act.CancellationToken), new("The legal hold is lifted.", "法的保全を解除しました。"));

    private static async ValueTask<ActResult> OpenAsync(Act act)
    {
        var reason = act.Required("reason", 300);
        if (!act.Ok)
        {
            return act.Refused();
        }

        if (await act.Service<HeldDesk>().FindAsync(Who(act), Held(act), act.CancellationToken) is not { } row)
        {
            return act.Missing(NoSuch);
        }

        var opened = await act.Service<HeldReading>().OpenAsync(Who(act), row, reason, act.CancellationToken);
        return opened.Ok ? act.Done($"{List}/{row.Id}?show=1") : act.Refused(opened.Refusal);
    }

    private static async ValueTask<ActResult> RuleAsync(Act act)
    {
        var (rule, scope) = (act.OneOf("rule", "allow", "block"), act.OneOf("scope", "recipient", "domain", "tenant"));
        var sender = act.Required("sender", 320);
        var owner = scope == "tenant" ? act.Caller.Scope.Path : act.Required("owner", 320).ToLowerInvariant();
        if (act.Ok && scope != "tenant" && SenderBook.Canonical(scope == "domain" ? "@" + owner : owner) is null)
        {
            act.Wrong("owner", act.View[new("Write an address for a recipient, a name for a domain.", "受信者ならアドレス、ドメインなら名前を入力してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var set = await act.Service<SenderBook>().SetAsync(
            act.Caller, act.Caller.Scope.Path, ScopeOf(scope), owner, sender, rule == "allow" ? SenderRule.Allow : SenderRule.Block, act.CancellationToken);
        return set.Ok ? act.Done(Senders, new("The rule holds now.", "ルールを登録しました。")) : act.Refused(set.Refusal);
    }

    private static async ValueTask<ActResult> UnruleAsync(Act act) =>
        await act.Service<SenderBook>().RemoveAsync(act.Caller, act.Route("sender"), act.CancellationToken) is { } refusal
            ? act.Refused(refusal)
            : act.Done(Senders, new("The rule is taken back.", "ルールを取り消しました。"));

    private static ActResult Said(Act act, Outcome<HeldRow> outcome, LocalizedText done) => outcome.Ok ? act.Done($"{List}/{outcome.Value.Id}", done) : act.Refused(outcome.Refusal);

    private static HeldActor Who(Act act) => new(act.Caller, null);

    private static string Held(Act act) => act.Route("held");

    private static SenderScope ScopeOf(string word) => word switch { "domain" => SenderScope.Domain, "tenant" => SenderScope.Tenant, _ => SenderScope.Recipient };
}
