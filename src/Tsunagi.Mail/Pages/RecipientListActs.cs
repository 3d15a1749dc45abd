using Microsoft.AspNetCore.Routing;
using Tsunagi.Mail.Inbound;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the page of recipients does.</summary>
internal static class RecipientListActs
{
    private const string Page = "/console/mail/recipients";
    private const int MaxCharacters = 1_000_000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapAct(Page, MailPermissions.RecipientsWrite, ReplaceAsync);

    private static async ValueTask<ActResult> ReplaceAsync(Act act)
    {
        var subscription = act.Required("subscription", 40);
        var csv = act.Form["csv"].ToString();
        if (csv.Trim().Length == 0)
        {
            act.Wrong("csv", act.View[Tsunagi.Ui.Texts.UiTexts.Required]);
        }
        else if (csv.Length > MaxCharacters)
        {
            act.Wrong("csv", act.View.Say(Tsunagi.Ui.Texts.UiTexts.LongerThan, MaxCharacters));
        }

        var removes = act.Number("removes", 0, RecipientListBook.MaxEntries);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var replaced = await act.Service<RecipientListBook>().ReplaceAsync(act.Caller, subscription, csv, removes, act.CancellationToken);
        return replaced.Ok
            ? act.Done($"{Page}?list={Uri.EscapeDataString(subscription)}", new("{0} addresses: {1} added, {2} removed.", "{0}件(追加{1}件、削除{2}件)"), replaced.Value.Entries, replaced.Value.Added, replaced.Value.Removed)
            : act.Refused(replaced.Refusal);
    }
}
