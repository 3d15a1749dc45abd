using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Links;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Pending;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Checks;

/// <summary>Where a message leads, as evidence; and what is written every day that is none.</summary>
public sealed class Links_of_a_message
{
    private const string One = "t_root/t_one/";
    private const string Two = "t_root/t_two/";

    // Tables that hold when their node has gone: one for all rows.
    private static readonly Lazy<Task<(GatewayContracts Contracts, Correspondents Correspondents)>> Served = new(ServeAsync);

    [Theory]
    [InlineData("<a href=https://evil.example/x>https://bank.example/login</a>", "url.shown-other bank.example evil.example 1")]
    [InlineData("<a href=https://evil.example/x>www.bank.example</a><a href=https://evil.example/y>bank.example</a>", "url.shown-other www.bank.example evil.example 2")]
    [InlineData("<a href=http://192.0.2.1/>http://bank.example</a>", "url.address 192.0.2.1|url.shown-other bank.example 192.0.2.1 1")]
    [InlineData("<a href=http://198.51.100.1/>http://192.0.100.1/</a>", "url.address 198.51.100.1|url.shown-other 192.0.100.1 198.51.100.1 1")]
    [InlineData("<a href=https://bank.example@evil.example/>x</a>", "url.userinfo bank.example evil.example")]
    [InlineData("<a href=http://203.0.113.5/a>x</a><a href=http://203.0.113.6/>y</a>", "url.address 203.0.113.5")]
    [InlineData("<a href=http://3405803781/>x</a>", "url.odd-address 203.0.113.5")]
    [InlineData("<a href=http://0x7f.1/>x</a>", "url.odd-address 127.0.0.1")]
    [InlineData("<a href=http://[2001:db8::1]/>x</a>", "url.address 2001:db8::1")]
    [InlineData("<a href=https://pаypal.example/>x</a>", "url.mixed-script pаypal.example xn--pypal-4ve.example pаypal")]
    [InlineData("<a href=https://xn--pypal-4ve.example/>x</a>", "url.mixed-script pаypal.example xn--pypal-4ve.example pаypal")]
    [InlineData("<a href=https://www.Ьаnk.example/>x</a>", "url.mixed-script www.ьаnk.example www.xn--nk-6kc5i.example ьаnk")]
    [InlineData("<a href=https://каса.example/>x</a>", "url.mixed-script каса.example xn--80aa2a3a.example kaca.example")]
    // A link within the parameters absolves nobody: anybody can write it there.
    [InlineData("<a href='https://evil.example/?u=https://bank.example/'>https://bank.example</a>", "url.shown-other bank.example evil.example 1")]
    // Protected names below the registered part, and those of one shape.
    [InlineData("<a href=https://x.pörtal.bank.example/>x</a>", "url.mixed-script x.pörtal.bank.example x.xn--prtal-jua.bank.example portal.bank.example")]
    public async Task That_deceive_are_told(string html, string expected) => Assert.Equal(expected, Said(await LookAsync(html, "", new FilterOptions { ProtectedDomains = ["kaca.example", "portal.bank.example", "portal.b4nk.example", "p0rtal.bank.example"] })));

    [Theory]
    [InlineData("<a href=https://www.shop.example/sale>Click here</a>")]
    [InlineData("<a href=https://www.shop.example/sale>https://www.shop.example/sale</a>")]
    [InlineData("<a href=https://shop.example/sale>www.shop.example</a>")]
    [InlineData("<a href=https://m.shop.co.jp/>www.shop.co.jp</a>")]
    [InlineData("<a href=https://click.shop.example/c?x=1>shop.example</a>")]
    [InlineData("<a href='https://eur01.rewriter.over.example/?url=https%3A%2F%2Fshop.example%2F'>https://shop.example/</a>")]
    [InlineData("<a href=https://www.bücher.example/>https://bücher.example</a> <a href=https://portal.bank.example/>x</a>")]
    [InlineData("<a href=https://shop.example><img src=https://cdn.example/logo.png></a>")]
    [InlineData("<a href=https://click.example/1>Amazon.com</a>")]
    [InlineData("<a href=https://click.example/1>ASP.NET Core</a>")]
    [InlineData("<a href=https://github.example/x/README.md>README.md</a>")]
    [InlineData("<a href=https://ci.example/job/1>build.sh</a> <a href=https://ci.example/2>1.2.3</a>")]
    [InlineData("<a href=mailto:info@shop.example>info@shop.example</a>")]
    [InlineData("<a href=https://maps.example/?q=a>info@shop.example</a>")]
    [InlineData("<a href=https://日本語.jp/>日本語.jp</a>")]
    [InlineData("<a href=https://tシャツ.jp/>x</a>")]
    [InlineData("<a href=https://bücher.example/>x</a>")]
    [InlineData("<a href=https://пример.рф/>x</a>")]
    [InlineData("<a href=http://192.168.0.1/>http://192.168.0.1/</a> router")]
    [InlineData("<a href=http://127.0.0.1:8080/>http://localhost</a> http://10.1.2.3/")]
    [InlineData("<a href=https://build:token@git.example/r.git>x</a>")]
    [InlineData("<a href=ftp://anonymous@files.example/>x</a>")]
    [InlineData("<p>seen: hxxp://203.0.113.5/a and pаypal[.]example</p>")]
    [InlineData("<a href=tel:+81312345678>03-1234-5678</a> <a href=#a>a.example</a>")]
    [InlineData("<p>version 1.2.3.4, at 10:30, a.b.c</p>")]
    [InlineData("<a href=https://own.example/x>https://bank.example</a>")]
    [InlineData("<a href=https://passed.over.example/x>https://bank.example</a>")]
    public async Task That_are_written_every_day_are_nothing(string html) => Assert.Equal("", Said(await LookAsync(html, "", new FilterOptions { LinkSkip = ["over.example"], ProtectedDomains = ["bücher.example", "portal.bank.example"] })));

    [Theory]
    [InlineData("List-Unsubscribe: <https://click.tracker.example/u>\r\n", true, "shop.example", "url.shown-counted")]
    [InlineData("List-Unsubscribe: <https://click.tracker.example/u>\r\n", false, "shop.example", "url.shown-other")]
    [InlineData("", true, "shop.example", "url.shown-other")]
    // The recipient's own name is shown by its own newsletter alone.
    [InlineData("List-Unsubscribe: <https://click.tracker.example/u>\r\n", true, "own.example", "url.shown-other")]
    [InlineData("List-Unsubscribe: <https://click.tracker.example/u>\r\nFrom: a@own.example\r\n", true, "own.example", "url.shown-counted")]
    public async Task Newsletters_that_count_clicks_are_told_from_deception(string fields, bool isConfirmed, string shown, string expected)
    {
        // Where a counter names its end, the same holds.
        foreach (var counter in (string[])["https://click.tracker.example/1", $"https://click.tracker.example/?u=https%3A%2F%2Fwww.{shown}%2F"])
        {
            Assert.Equal(expected, await CodeAsync(counter, fields, isConfirmed, shown));
        }
    }

    [Fact]
    public async Task Names_of_one_shape_are_protected_each()
    {
        foreach (var (shown, expected) in ((string, string)[])[("portal.bank.example", LinkCheck.ShownOther), ("p0rtal.bank.example", LinkCheck.ShownOther), ("shop.example", LinkCheck.ShownCounted)])
        {
            Assert.Equal(expected, await CodeAsync("https://click.tracker.example/1", "List-Unsubscribe: <https://click.tracker.example/u>\r\n", true, shown, "portal.bank.example", "p0rtal.bank.example"));
        }
    }

    [Fact]
    public async Task That_are_more_than_are_looked_at_are_told()
    {
        const string Many = "https://a.example https://b.example https://c.example";
        Assert.Equal("url.too-many 2", Said(await LookAsync(Many, "", new FilterOptions { Links = 2 })));
        Assert.Equal("", Said(await LookAsync(Many, "", new FilterOptions { Links = 3 })));
        Assert.Equal("url.too-many 3", Said(await LookAsync(Many + new string(' ', 200 * 1024), "", new FilterOptions())));
    }

    private static async Task<string> CodeAsync(string link, string fields, bool isConfirmed, string shown, params string[] guarded)
    {
        var message = await LookAsync($"<a href={link}>https://www.{shown}/</a>", fields, new FilterOptions { ProtectedDomains = guarded });
        var all = message.Evidence.ToList();
        if (isConfirmed)
        {
            all.Add(Evidence.Of(AuthenticationCheck.DmarcPass, ("domain", "news.example")));
        }

        message.Check.Settle(message.Message, all);
        return all[0].Code;
    }

    [Theory]
    [InlineData("https://www.customer-one.example/", "")]
    [InlineData("https://login.customer-0ne.example/", "url.like-yours login.customer-0ne.example customer-one.example")]
    [InlineData("https://customer-one.example.evil.example/", "url.like-yours customer-one.example.evil.example customer-one.example")]
    [InlineData("https://www.customer-one.example.secure.evil.example/", "url.like-yours www.customer-one.example.secure.evil.example customer-one.example")]
    [InlineData("https://custorner-one.example/ https://cusotmer-one.example/", "url.like-yours custorner-one.example customer-one.example")]
    [InlineData("https://xn--customer-ne-znj.example/", "for all url.mixed-script customer-оne.example xn--customer-ne-znj.example customer-оne")]
    [InlineData("https://customer-öne.example/", "url.mixed-script customer-öne.example xn--customer-ne-zfb.example customer-one.example")]
    [InlineData("https://pаypal.example/ https://customer-öne.example/ https://cusotmer-one.example/", "for all url.mixed-script pаypal.example xn--pypal-4ve.example pаypal|url.like-yours cusotmer-one.example customer-one.example")]
    [InlineData("https://custommer-one.example/", "")]
    [InlineData("https://customer-one.com/ https://customer-two.example/ https://stranger.example/", "")]
    public async Task That_look_like_the_recipients_own_are_told_to_its_tenant(string text, string expected)
    {
        var (message, evidence) = (Of("", "text/plain", text), new List<Evidence>());
        var (contracts, correspondents) = await Served.Value;
        await new LinkCheck(new FilterOptions(), contracts, correspondents).RunAsync(message, evidence, TestContext.Current.CancellationToken);
        var found = new Findings(evidence, "", message.OfTenants) { AlsoOfTenants = message.AlsoOfTenants };
        Assert.Equal(expected, string.Join('|', found.For(One).Select((one, i) => (i < evidence.Count ? "for all " : "") + Say([one]))));
        Assert.Equal(evidence, found.For(Two));
    }

    private static async Task<(MessageUnderCheck Message, List<Evidence> Evidence, LinkCheck Check)> LookAsync(string html, string fields, FilterOptions options)
    {
        var check = new LinkCheck(options, (await Served.Value).Contracts);
        var (message, evidence) = (Of(fields, "text/html", html), new List<Evidence>());
        await check.RunAsync(message, evidence, TestContext.Current.CancellationToken);
        return (message, evidence, check);
    }

    private static async Task<(GatewayContracts, Correspondents)> ServeAsync()
    {
        await using var node = await MailNode.StartAsync();
        node.Sign("s_own", One, "own.example", 9);
        node.Sign("s_one", One, "customer-one.example", 9);
        node.Sign("s_two", Two, "customer-two.example", 9);
        var correspondents = node.Services.GetRequiredService<Correspondents>();
        correspondents.Wrote(One, "custommer-one.example");
        return (node.Services.GetRequiredService<GatewayContracts>(), correspondents);
    }

    private static MessageUnderCheck Of(string fields, string type, string body) => new()
    {
        Id = "m_1", ClientAddress = null, Helo = "h", IsTls = false, ReversePath = ReversePath.Null, Recipients = 1, ForgedFields = 0, Time = default, Tenants = [One, Two],
        Content = System.Text.Encoding.UTF8.GetBytes($"{fields}From: a@news.example\r\nContent-Type: {type}; charset=utf-8\r\n\r\n{body}\r\n"),
    };

    private static string Said((MessageUnderCheck Message, List<Evidence> Evidence, LinkCheck Check) looked) => Say(looked.Evidence);

    private static string Say(IEnumerable<Evidence> evidence) => string.Join('|', evidence.Select(static one => $"{one.Code} {string.Join(' ', one.Values.Select(static value => value.Text))}"));
}
