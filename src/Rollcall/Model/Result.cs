namespace Rollcall.Model;

/// <summary>What an operation returns. A refused operation changes nothing: its transaction is rolled back.</summary>
internal interface IResult
{
    /// <summary>Null unless the operation was refused.</summary>
    Refusal? Refusal { get; }
}

/// <summary>The result of an operation: done, nothing to do, or refused.</summary>
internal sealed record Result(bool IsDone, Refusal? Refusal) : IResult
{
    public static readonly Result Done = new(true, null);

    /// <summary>Nothing to do: a second click, or another admin was a moment earlier.</summary>
    public static readonly Result Unchanged = new(false, null);

    public static implicit operator Result(Refusal refusal) => new(false, refusal);
}

/// <summary>The result of an operation that returns a value.</summary>
/// <param name="Value">What was created or changed; null if nothing was.</param>
internal sealed record Result<T>(T? Value, Refusal? Refusal) : IResult
    where T : class
{
    public static readonly Result<T> Unchanged = new(null, null);

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Refusal refusal) => new(null, refusal);
}
