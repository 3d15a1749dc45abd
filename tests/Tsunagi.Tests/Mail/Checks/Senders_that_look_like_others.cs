using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Header;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Pending;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Checks;

/// <summary>An author whose domain can be taken for the recipient's own. What is whose is known to each tenant alone.</summary>
public sealed class Senders_that_look_like_others
{
    private const string One = "t_root/t_one/";
    private const string Two = "t_root/t_two/";

    [Theory]
    [InlineData("customer-one.example", "")]
    [InlineData("mail.customer-one.example", "")]
    [InlineData("customer-0ne.example", "customer-one.example")]
    [InlineData("custorner-one.example", "customer-one.example")]
    [InlineData("custome-one.example", "customer-one.example")]
    [InlineData("cusotmer-one.example", "customer-one.example")]
    [InlineData("xn--customer-ne-znj.example", "customer-one.example")]
    [InlineData("customer-two.example", "")]
    [InlineData("stranger.example", "")]
    [InlineData("custommer-one.example", "")]
    [InlineData("mail.customer-0ne.example", "customer-one.example")]
    [InlineData("customer-one.example.evil.example", "customer-one.example")]
    [InlineData("partner-big.example", "")]
    [InlineData("mail.partner-big.example", "")]
    [InlineData("partner-bjg.example", "partner-big.example")]
    [InlineData("partner-b1g.example", "partner-big.example")]
    [InlineData("mail.partner-b1g.example", "partner-big.example")]
    [InlineData("partner-big.example.evil.example", "partner-big.example")]
    [InlineData("partner-bigg.example", "")]
    [InlineData("partner-smal1.example", "")]
    [InlineData("ymail.com", "")]
    public async Task Are_told_to_whom_they_look_like(string author, string like)
    {
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", One, "customer-one.example", 9);
        node.Sign("s_two", Two, "customer-two.example", 9);
        var correspondents = node.Services.GetRequiredService<Correspondents>();
        foreach (var domain in (string[])["custommer-one.example", "partner-bigg.example", "partner-small.example", "partner-small.example", "partner-big.example", "partner-big.example", "partner-big.example", "gmail.com", "gmail.com", "gmail.com"])
        {
            correspondents.Wrote(One, domain);
        }

        await correspondents.ShareAsync(TestContext.Current.CancellationToken);
        var evidence = new List<Evidence>();
        var message = new MessageUnderCheck
        {
            Id = "m_1", ClientAddress = null, Helo = "h", IsTls = false, ReversePath = ReversePath.Null, Recipients = 2, ForgedFields = 0, Time = default, Tenants = [One, Two],
            Content = Octets.Of($"From: <a@{author}>\r\nDate: x\r\nAuto-Submitted: auto-replied\r\n\r\n"),
        };
        await new HeaderCheck(node.Services.GetRequiredService<GatewayContracts>(), correspondents).RunAsync(message, evidence, TestContext.Current.CancellationToken);
        Assert.Empty(evidence);
        var found = new Findings(evidence, "", message.OfTenants) { AlsoOfTenants = message.AlsoOfTenants };
        Assert.Equal(like.Length > 0 ? [$"{(like == "partner-big.example" ? HeaderCheck.LikeCorrespondent : HeaderCheck.LikeYours)} {author} {like}"] : [], found.For(One).Select(static one => $"{one.Code} {string.Join(' ', one.Values.Select(static value => value.Text))}"));
        Assert.Empty(found.For(Two));
    }
}
