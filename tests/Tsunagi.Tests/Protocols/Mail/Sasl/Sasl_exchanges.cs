using System.Text;
using Tsunagi.Protocols.Mail.Sasl;

namespace Tsunagi.Tests.Protocols.Mail.Sasl;

public class Sasl_exchanges
{
    private const string Nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static readonly byte[] Channel = [1, 2, 3, 4];

    [Fact]
    public void The_example_of_rfc_7677_goes_octet_for_octet()
    {
        var exchange = new SaslExchange(SaslMechanism.ScramSha256, default, Nonce);
        Assert.Equal(SaslStepKind.AskVerifier, exchange.Begin("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"u8, hasInitial: true).Kind);
        Assert.Equal("user", exchange.UserName);
        Assert.Equal("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", Text(exchange.Answer(Scram.Pencil, known: true)));
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Text(exchange.Handle("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="u8)));
        Assert.Equal(SaslStepKind.Passed, exchange.Handle([]).Kind);
    }

    [Theory]
    [InlineData(SaslMechanism.ScramSha256, "n,,", false, SaslStepKind.Passed)]
    [InlineData(SaslMechanism.ScramSha256, "n,a=user,", false, SaslStepKind.Passed)]
    [InlineData(SaslMechanism.ScramSha256, "n,a=other,", false, SaslStepKind.Failed)]
    [InlineData(SaslMechanism.ScramSha256Plus, "p=tls-server-end-point,,", true, SaslStepKind.Passed)]
    [InlineData(SaslMechanism.ScramSha256Plus, "p=tls-server-end-point,,", false, SaslStepKind.Failed)]
    [InlineData(SaslMechanism.ScramSha256Plus, "p=tls-exporter,,", true, SaslStepKind.Failed)]
    [InlineData(SaslMechanism.ScramSha256Plus, "n,,", false, SaslStepKind.Failed)]
    [InlineData(SaslMechanism.ScramSha256, "p=tls-server-end-point,,", true, SaslStepKind.Failed)]
    [InlineData(SaslMechanism.ScramSha256, "y,,", false, SaslStepKind.Failed)] // it could bind, and was told that we cannot: somebody is in between
    public void Scram_binds_to_the_connection_or_fails(SaslMechanism mechanism, string header, bool binds, SaslStepKind end)
    {
        var client = new Scram("user", "pencil", "abc", header, binds ? Channel : null);
        Assert.Equal(end, Run(new SaslExchange(mechanism, Channel, Nonce), client, known: true));
    }

    [Fact]
    public void A_client_that_could_bind_passes_where_nothing_can_be_bound()
    {
        Assert.Equal(SaslStepKind.Passed, Run(new SaslExchange(SaslMechanism.ScramSha256, default, Nonce), new Scram("user", "pencil", "abc", "y,,"), known: true));
        Assert.Equal(SaslStepKind.Failed, new SaslExchange(SaslMechanism.ScramSha256Plus, default, Nonce).Begin(new Scram("user", "pencil", "abc", "p=tls-server-end-point,,").First, true).Kind);
    }

    [Fact]
    public void A_wrong_secret_an_unknown_name_and_any_changed_octet_of_the_proof_fail()
    {
        Assert.Equal(SaslStepKind.Failed, Run(new SaslExchange(SaslMechanism.ScramSha256, default, Nonce), new Scram("user", "pencils", "abc"), known: true));
        Assert.Equal(SaslStepKind.Failed, Run(new SaslExchange(SaslMechanism.ScramSha256, default, Nonce), new Scram("user", "pencil", "abc"), known: false));
        for (var at = 0; at < 60; at += 3)
        {
            var exchange = new SaslExchange(SaslMechanism.ScramSha256, default, Nonce);
            var client = new Scram("user", "pencil", "abc");
            exchange.Begin(client.First, true);
            var final = client.Answer(exchange.Answer(Scram.Pencil, known: true).Challenge.Span).Final;
            final[at] ^= 1;
            Assert.True(exchange.Handle(final).Kind is SaslStepKind.Failed or SaslStepKind.Malformed, $"octet {at}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("n,")]
    [InlineData("n,,")]
    [InlineData("x,,n=user,r=abc")]
    [InlineData("p=,,n=user,r=abc")]
    [InlineData("n,b=x,n=user,r=abc")]
    [InlineData("n,,m=ext,n=user,r=abc")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=us=3xer,r=abc")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,n=user,r=a b")]
    [InlineData("n,,r=abc,n=user")]
    [InlineData("n,,n=user,r=abc,m=must")]
    [InlineData("n,,n=us\0er,r=abc")]
    public void What_is_no_first_message_is_told(string message) =>
        Assert.Equal(SaslStepKind.Malformed, new SaslExchange(SaslMechanism.ScramSha256, default, Nonce).Begin(Encoding.UTF8.GetBytes(message), true).Kind);

    [Fact]
    public void Names_are_unescaped_and_extensions_passed_over()
    {
        Assert.True(ScramClientFirst.TryParse("y,a=x=2Cy,n=a=3Db,r=abc,x=1"u8, out var first));
        Assert.Equal(("x,y", "a=b", "abc", ScramBinding.ClientOnly), (first!.AuthorizationIdentity, first.UserName, first.Nonce, first.Binding));
        Assert.True(ScramClientFirst.TryParse(Encoding.UTF8.GetBytes("n,,n=u,r=" + new string('n', 128)), out _));
        Assert.False(ScramClientFirst.TryParse(Encoding.UTF8.GetBytes("n,,n=u,r=" + new string('n', 129)), out _));
    }

    [Theory]
    [InlineData("\0user\0pencil", true)]
    [InlineData("user\0user\0pencil", true)]
    [InlineData("other\0user\0pencil", false)]
    [InlineData("\0user\0pencils", false)]
    [InlineData("\0user\0Pencil", false)]
    [InlineData("\0ｕｓｅｒ\0ｐencil", true)] // full-width, as a Japanese keyboard writes: SASLprep
    [InlineData("\0us\u00ADer\0pencil", true)]
    [InlineData("\0user\0pencil\u0007", false)]
    [InlineData("\0user\0pencilé", false)]
    public void Plain_tells_who_it_is(string message, bool passes)
    {
        var exchange = new SaslExchange(SaslMechanism.Plain, default, Nonce);
        Assert.Equal(SaslStepKind.AskVerifier, exchange.Begin(Encoding.UTF8.GetBytes(message), true).Kind);
        Assert.Equal(passes ? SaslStepKind.Passed : SaslStepKind.Failed, exchange.Answer(Scram.Pencil, exchange.UserName == "user").Kind);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("\0user")]
    [InlineData("\0\0pencil")]
    [InlineData("\0user\0")]
    [InlineData("\0user\0pencil\0")]
    public void What_is_no_plain_message_is_told(string message) =>
        Assert.Equal(SaslStepKind.Malformed, new SaslExchange(SaslMechanism.Plain, default, Nonce).Begin(Encoding.UTF8.GetBytes(message), true).Kind);

    [Fact]
    public void Texts_of_255_octets_are_taken_and_longer_ones_not()
    {
        static bool Parses(int name, int secret) => PlainMessage.TryParse(Encoding.UTF8.GetBytes($"\0{new string('u', name)}\0{new string('s', secret)}"), out _);
        Assert.Equal([true, false, false], new[] { Parses(255, 255), Parses(256, 1), Parses(1, 256) });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Login_asks_for_the_name_and_then_for_the_secret(bool initial)
    {
        var exchange = new SaslExchange(SaslMechanism.Login, default, Nonce);
        if (!initial)
        {
            Assert.Equal("Username:", Text(exchange.Begin(default, false)));
        }

        Assert.Equal("Password:", Text(initial ? exchange.Begin("user"u8, true) : exchange.Handle("user"u8)));
        Assert.Equal(SaslStepKind.AskVerifier, exchange.Handle("pencil"u8).Kind);
        Assert.Equal(SaslStepKind.Passed, exchange.Answer(Scram.Pencil, known: true).Kind);
        Assert.Equal(SaslStepKind.Malformed, new SaslExchange(SaslMechanism.Login, default, Nonce).Begin([], true).Kind);
    }

    [Theory]
    [InlineData("AA==", true)]
    [InlineData("", true)]
    [InlineData("AA=", false)]
    [InlineData("AA", false)]
    [InlineData("A A=", false)]
    [InlineData("AA==AA==", false)]
    [InlineData("AB==", false)] // bits that belong to no octet
    [InlineData("*", false)]
    [InlineData("AA-_", false)]
    public void Base64_is_read_strictly(string text, bool reads) => Assert.Equal(reads, SaslText.TryDecode(Encoding.ASCII.GetBytes(text), out _));

    private static SaslStepKind Run(SaslExchange exchange, Scram client, bool known)
    {
        var step = exchange.Begin(client.First, true);
        if (step.Kind != SaslStepKind.AskVerifier)
        {
            return step.Kind;
        }

        var (final, proof) = client.Answer(exchange.Answer(Scram.Pencil, known).Challenge.Span);
        step = exchange.Handle(final);
        if (step.Kind != SaslStepKind.Challenge)
        {
            return step.Kind;
        }

        Assert.Equal(proof, Text(step));
        return exchange.Handle([]).Kind;
    }

    private static string Text(SaslStep step)
    {
        Assert.Equal(SaslStepKind.Challenge, step.Kind);
        return Encoding.ASCII.GetString(step.Challenge.Span);
    }
}
