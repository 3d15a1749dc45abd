namespace Tsunagi.Tests.Testing;

/// <summary>What a call gave that is complete when it returns, for code that can not wait: fuzz targets and properties. One that is not complete is a failure.</summary>
internal static class Completed
{
    public static T Of<T>(ValueTask<T> call) => Of(call.AsTask());

    public static T Of<T>(Task<T> call)
    {
        Assert.True(call.IsCompleted, "the call did not complete at once");
#pragma warning disable VSTHRD002 // It is complete.
        return call.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }
}
