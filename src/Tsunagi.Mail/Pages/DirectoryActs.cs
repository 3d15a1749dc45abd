using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Directories;
using Tsunagi.Mail.Inbound;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the page of a list's directory does.</summary>
internal static class DirectoryActs
{
    private const string Page = "/console/mail/directories/{directory}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Page, MailPermissions.RecipientsWrite, SetAsync);
        routes.MapAct(Page + "/test", MailPermissions.RecipientsWrite, static act => ChangeAsync(
            act, static (desk, caller, id, _, token) => desk.TryAsync(caller, id, token), new("Nothing was changed: {0} objects, {1} addresses, {2} would be added, {3} removed, {4} changed.", "変更はしていません。オブジェクト{0}件、アドレス{1}件。追加{2}件、削除{3}件、変更{4}件になります。")));
        routes.MapAct(Page + "/sync", MailPermissions.RecipientsWrite, static act => ChangeAsync(
            act, static (desk, caller, id, removes, token) => desk.SynchronizeAsync(caller, id, removes, token), new("{0} objects, {1} addresses: {2} added, {3} removed, {4} changed.", "オブジェクト{0}件、アドレス{1}件(追加{2}件、削除{3}件、変更{4}件)。")));
        routes.MapAct(Page + "/remove", MailPermissions.RecipientsWrite, RemoveAsync);
    }

    private static async ValueTask<ActResult> SetAsync(Act act)
    {
        var settings = new DirectorySettings
        {
            Url = act.Required("url", 300),
            ClearText = act.Checked("clearText"),
            BindName = act.Text("bindName", 500) ?? "",
            BaseDn = act.Required("baseDn", 500),
            Filter = act.Text("filter", Protocols.Net.Ldap.LdapFilter.LongestText) ?? DirectorySettings.DefaultFilter,
            AddressAttribute = act.Required("addressAttribute", 100),
            AliasAttribute = act.Text("aliasAttribute", 100) ?? "",
            GroupAttribute = act.Text("groupAttribute", 100) ?? "",
            EveryMinutes = (int)(act.Number("everyMinutes", 5, 24 * 60) ?? 15),
            PageSize = (int)(act.Number("pageSize", 1, 10_000) ?? 500),
            Authority = act.Text("authority", 20_000) ?? "",
        };
        if (!act.Ok)
        {
            return act.Refused();
        }

        var set = await act.Service<DirectoryDesk>().PutAsync(act.Caller, act.Route("directory"), settings, act.Text("password", 500), act.CancellationToken);
        return set.Ok ? act.Done(Of(act), new("The directory is set and will be read in a moment.", "ディレクトリを設定しました。まもなく読み込みます。")) : act.Refused(set.Refusal);
    }

    private static async ValueTask<ActResult> ChangeAsync(
        Act act, Func<DirectoryDesk, Caller, string, long?, CancellationToken, ValueTask<Outcome<DirectoryChange>>> ask, LocalizedText done)
    {
        var removes = act.Number("removes", 0, RecipientListBook.MaxEntries);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var changed = await ask(act.Service<DirectoryDesk>(), act.Caller, act.Route("directory"), removes, act.CancellationToken);
        return changed.Ok
            ? act.Done(Of(act), done, changed.Value.Objects, changed.Value.Entries, changed.Value.Added, changed.Value.Removed, changed.Value.Changed)
            : act.Refused(changed.Refusal);
    }

    private static async ValueTask<ActResult> RemoveAsync(Act act)
    {
        var removed = await act.Service<DirectoryDesk>().RemoveAsync(act.Caller, act.Route("directory"), act.CancellationToken);
        return removed.Ok ? act.Done(Of(act), new("The list is kept by hand from now on.", "今後、一覧は手動で管理します。")) : act.Refused(removed.Refusal);
    }

    private static string Of(Act act) => "/console/mail/directories/" + Uri.EscapeDataString(act.Route("directory"));
}
