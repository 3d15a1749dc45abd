using Tsunagi.Core.Outbound.Webhooks;

namespace Tsunagi.Tests.Core.Outbound;

public sealed class Webhook_rules
{
    // The example of the Standard Webhooks 1.0 specification.
    [Fact]
    public void Signature_is_that_of_the_specifications_example() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, """{"test": 2432232314}"""u8));

    [Theory]
    [InlineData("*", true)]
    [InlineData("mail.*", true)]
    [InlineData("mail.message.*", true)]
    [InlineData("mail.message.accepted", true)]
    [InlineData("mail.message.accepted@1", true)]
    [InlineData("mail.message.accepted@2", false)]
    [InlineData("mail.message", false)]
    [InlineData("mailx.*", false)]
    [InlineData("ma.*", false)]
    public void Pattern_matches_whole_words(string pattern, bool matches) => Assert.Equal(matches, WebhookRules.Matches([pattern], "mail.message.accepted@1"));
}
