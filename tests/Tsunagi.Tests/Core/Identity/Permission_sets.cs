using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Modules;

namespace Tsunagi.Tests.Core.Identity;

public sealed class Permission_sets
{
    [Theory]
    [InlineData("*", "mail.trace.read", true)]
    [InlineData("*", "*", true)]
    [InlineData("mail.*", "mail.trace.read", true)]
    [InlineData("mail.*", "mail.*", true)]
    [InlineData("mail.*", "mail.trace.*", true)]
    [InlineData("mail.trace.*", "mail.*", false)]
    [InlineData("mail.*", "mailbox.trace.read", false)]
    [InlineData("mail.*", "*", false)]
    [InlineData("mail.trace.read", "mail.trace.read", true)]
    [InlineData("mail.trace.read", "mail.trace.*", false)]
    public void Wildcard_covers_what_is_below_it_and_nothing_else(string held, string wanted, bool covers) =>
        Assert.Equal(covers, PermissionSet.Covers(new HashSet<string> { held }, wanted));

    [Theory]
    [InlineData("mail.*", "mail.trace.read core.user.read", "mail.trace.read")]
    [InlineData("*", "core.user.read", "core.user.read")]
    [InlineData("mail.trace.read core.user.write", "mail.*", "mail.trace.read")]
    [InlineData("mail.*", "core.*", "")]
    public void Intersection_is_what_both_hold(string one, string other, string both)
    {
        var left = one.Split(' ').ToHashSet();
        var right = other.Split(' ').ToHashSet();
        var expected = both.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, PermissionSet.Intersect(left, right).Order());
        Assert.Equal(expected, PermissionSet.Intersect(right, left).Order());
    }

    [Theory]
    [InlineData("mail.trace.read", true)]
    [InlineData("mail.*", true)]
    [InlineData("*", true)]
    [InlineData("*.read", false)]
    [InlineData("mail.*.read", false)]
    [InlineData("Mail.trace.read", false)]
    [InlineData("", false)]
    [InlineData("mail..read", false)]
    public void Shape_is_checked(string permission, bool ok) => Assert.Equal(ok, PermissionSet.IsWellFormed(permission));

    [Fact]
    public void Roles_that_only_look_hold_no_content_and_tenants_hold_nothing_of_the_operators()
    {
        var text = new LocalizedText("x", "x");
        var roles = new BuiltInRoles(
        [
            new("mail.trace.read", text), new("mail.body.read", text, OpensContent: true), new("mail.settings.write", text), new("core.node.read", text, OperatorOnly: true),
        ]);
        Assert.Equal(["core.node.read", "mail.trace.read"], roles.Find("support")!.Permissions.Order());
        Assert.Equal(["mail.trace.read"], roles.Find("tenant-reader")!.Permissions.Order());
        Assert.Equal(["mail.body.read", "mail.settings.write", "mail.trace.read"], roles.Find("tenant-admin")!.Permissions.Order());
        Assert.Equal(["*"], roles.Find("operator-admin")!.Permissions);
    }
}
