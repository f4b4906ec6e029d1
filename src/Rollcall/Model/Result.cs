namespace Rollcall.Model;

/// <summary>An operation that was refused changes nothing: its transaction is rolled back.</summary>
internal interface IResult
{
    /// <summary>Why not; null when the operation went through.</summary>
    Refusal? Refusal { get; }
}

/// <summary>What an operation came to: done, nothing left to do, or refused.</summary>
internal sealed record Result(bool IsDone, Refusal? Refusal) : IResult
{
    public static readonly Result Done = new(true, null);

    /// <summary>Everything was already as asked: a second click, or another admin a moment earlier.</summary>
    public static readonly Result Unchanged = new(false, null);

    public static implicit operator Result(Refusal refusal) => new(false, refusal);
}

/// <summary>The same for an operation that returns something.</summary>
/// <param name="Value">What was made or changed; null when nothing was.</param>
internal sealed record Result<T>(T? Value, Refusal? Refusal) : IResult
    where T : class
{
    public static readonly Result<T> Unchanged = new(null, null);

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Refusal refusal) => new(null, refusal);
}
