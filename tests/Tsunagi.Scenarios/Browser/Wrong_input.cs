using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>What people type wrongly into the console's forms: the word stands beside its field, in their language, and nothing they typed is lost.</summary>
public sealed partial class Wrong_input(ConsoleHost host, Chromium chromium) : IClassFixture<ConsoleHost>, IClassFixture<Chromium>
{
    /// <summary>Page, dialog that the form stands in ("" when it is the page's own), the form's action, what is typed, the fields that must say something.</summary>
    private static readonly (string Page, string Dialog, string Action, string Typed, string Fields)[] Walk =
    [
        ("/console/tenants/new", "", "/console/tenants", "name=", "name"),
        ("/console/tenants/new", "", "/console/tenants", "name=Kita Foods|timeZone=Mars/Olympus", "timeZone"),
        ("/console/tenants/{customer}", "edit-tenant", "", "name=", "name"),
        ("/console/tenants/{customer}", "claim-domain", "", "name=not a domain", "name"),
        ("/console/tenants/{customer}", "claim-block", "", "cidr=192.0.2.300/24", "cidr"),
        ("/console/tenants/{customer}", "claim-block", "", "cidr=192.0.2.1/24", "cidr"),
        ("/console/tenants/{customer}", "add-site", "", "name=", "name"),
        ("/console/tenants/{customer}", "add-contact", "", "name=|email=nobody", "name"),
        ("/console/tenants/{customer}", "add-contact", "", "name=Jun Abe|email=nobody", "email"),
        ("/console/users", "invite", "", "email=nobody at home|name=Jun Abe", "email"),
        ("/console/users", "invite", "", "email=kenji.ito@hokusei.example|name=Jun Abe", "email"),
        ("/console/subscriptions/new?tenant={customer}", "", "/console/subscriptions", "name=|quantity=0|settings.nextHop=", "name,quantity,settings.nextHop"),
        ("/console/subscriptions/new?tenant={customer}", "", "/console/subscriptions", "settings.domains=a.example|settings.nextHop=mx|settings.queueLifeDays=99", "settings.queueLifeDays"),
        ("/console/subscriptions/{contract}/change", "", "", "quantity=many", "quantity"),
        ("/console/subscriptions/{contract}", "place-hold", "", "reason=", "reason"),
        ("/console/subscriptions/{contract}", "correct", "", "quantity=|reason=", "quantity,reason"),
        ("/console/roles/new", "", "/console/roles", "name=", "name"),
        ("/console/tokens/new", "", "/console/tokens", "name=|days=900", "name,days"),
        ("/console/settings", "", "/console/settings/profile", "name=", "name"),
        ("/console/settings", "", "/console/settings/password", "current=wrong it is|password=short|again=other", "again"),
        ("/console/settings", "", "/console/settings/password", "current=wrong it is|password=seven quiet storks|again=seven quiet storks", "current"),
        ("/console/settings", "begin-factor", "", "password=", "password"),
    ];

    /// <summary>Steps whose picture is kept: a page's own form, a dialog, a form of settings, two fields at once.</summary>
    private static readonly int[] Pictured = [1, 4, 11, 15];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Every_form_says_what_is_wrong_beside_the_field(int which)
    {
        chromium.Require();
        var variant = Variant.All[which];
        List<string> faults = [];
        await using var context = await host.OpenAsync(chromium, variant);
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        for (var i = 0; i < Walk.Length; i++)
        {
            faults.AddRange((await TryAsync(page, Walk[i], variant.Language == "ja")).Select(fault => $"{Walk[i].Page} {Walk[i].Dialog} {Walk[i].Typed}: {fault}"));
            if (Array.IndexOf(Pictured, i) >= 0)
            {
                await Screenshots.TakeAsync(page, $"wrong-{i:00}", variant);
            }
        }

        Assert.Empty(faults);
    }

    private async Task<List<string>> TryAsync(IPage page, (string Page, string Dialog, string Action, string Typed, string Fields) step, bool japanese)
    {
        await page.VisitAsync(host.Address + step.Page.Replace("{customer}", host.Sample.Customer.Id, StringComparison.Ordinal).Replace("{contract}", host.Sample.Contract.Id, StringComparison.Ordinal));
        if (step.Dialog.Length > 0)
        {
            await page.Locator($"[data-dialog={step.Dialog}]").First.ClickAsync();
        }

        var form = step.Dialog.Length > 0 ? page.Locator($"dialog#{step.Dialog} form[data-act]")
            : step.Action.Length > 0 ? page.Locator($"form[data-act][action='{step.Action}']")
            : page.Locator("main form[data-act]");
        form = form.First;
        var typed = step.Typed.Split('|').Select(static pair => pair.Split('=', 2)).ToList();
        foreach (var pair in typed)
        {
            // A number field takes no letters from a person; a browser that lets them through must meet the same answer.
            await form.Locator($"[name='{pair[0]}']").EvaluateAsync("(field, text) => { if (field.type === 'number') field.type = 'text'; field.value = text; }", pair[1]);
        }

        await form.Locator("button[type=submit]").First.ClickAsync();
        var (faults, first) = (new List<string>(), step.Fields.Split(',')[0]);
        try
        {
            await Assertions.Expect(form.Locator($"[data-field='{first}'] .field-error")).Not.ToBeEmptyAsync();
        }
        catch (PlaywrightException)
        {
            faults.Add($"nothing stands beside {first}; the form says \"{await form.Locator(".form-errors").InnerTextAsync()}\", the page is {page.Url}");
            return faults;
        }

        foreach (var field in step.Fields.Split(','))
        {
            var said = await form.Locator($"[data-field='{field}'] .field-error").InnerTextAsync();
            if (said.Length == 0 || Japanese().IsMatch(said) != japanese)
            {
                faults.Add($"{field} says \"{said}\"");
            }
        }

        foreach (var pair in typed.Where(static pair => pair[1].Length > 0))
        {
            if (await form.Locator($"[name='{pair[0]}']").InputValueAsync() != pair[1])
            {
                faults.Add($"what was typed into {pair[0]} is lost");
            }
        }

        return faults;
    }

    [GeneratedRegex(@"[\p{IsHiragana}\p{IsKatakana}\p{IsCJKUnifiedIdeographs}]")]
    private static partial Regex Japanese();
}
